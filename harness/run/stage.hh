// Stage: the hosts and links of one run, live. Built in Plan order by the constructor; everything is held by
// descriptors of this process and goes with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/namespace.hh"
#include "network/wiring.hh"
#include "observers/observers.hh"
#include "plan/plan.hh"

namespace tcpwitness {

class Stage {
  public:
    // Throws NetlinkError or SystemError naming the call and the object, Unsupported for what this kernel lacks.
    // `spare`: namespaces that nobody has used yet; what it lacks is made.
    explicit Stage(const PlanNetwork& network, std::vector<NetworkNamespace> spare = {});

    // Throws Error when there is no such host.
    const NetworkNamespace& host(const std::string& name) const;

    std::vector<ObservedHost> observed_hosts() const;
    std::map<std::string, std::vector<IpAddress>> addresses() const;

  private:
    Wiring wiring() const;

    PlanNetwork network_;
    std::map<std::string, NetworkNamespace> hosts_;
};

}  // namespace tcpwitness
