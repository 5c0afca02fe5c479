// Adds addresses to the links of a namespace and knows when they are in use. For IPv6 the kernel only says "yes" to the
// request, and makes the local route later, in a work queue, even without duplicate address detection: until then a
// packet that arrives for the address is not for this host.
#pragma once

#include <string>
#include <vector>

#include "base/address.hh"
#include "network/namespace.hh"
#include "network/netlink.hh"

namespace tcpwitness {

class AddressWatch {
  public:
    explicit AddressWatch(const NetworkNamespace& network_namespace);
    ~AddressWatch();
    AddressWatch(const AddressWatch&) = delete;
    AddressWatch& operator=(const AddressWatch&) = delete;

    void add(int index, const std::string& interface, const IpAddress& address, int prefix_length);
    // Adds all of them. Throws NetlinkError.
    void send();
    // Sends what is not sent and returns when every address is in use. Throws NetlinkError ETIMEDOUT after ten seconds.
    void wait();

  private:
    void take(const nlmsghdr& header);

    const NetworkNamespace& namespace_;
    std::vector<NetlinkMessage> requests_;
    std::vector<IpAddress> awaited_;
    bool joined_ = false;
};

}  // namespace tcpwitness
