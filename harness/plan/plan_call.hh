// System calls of a plan: arguments complete, endpoints resolved, the result that this kernel should give.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "case/case.hh"
#include "plan/plan.hh"
#include "plan/settings.hh"

namespace tcpwitness {

// Follows the sockets of a story from call to call: their names and their families.
class CallPlanner {
  public:
    CallPlanner(const CaseStory& story, const Settings& settings) : story_(story), settings_(settings) {}

    // Names that stand at the return of a call belong to its beginning: "... s = accept(l)".
    void learn_names();

    CallStep plan(const CaseCall& call, size_t step);
    bool has_socket(const std::string& program, const std::string& name) const {
        return families_.count({program, name}) > 0;
    }
    bool uses_ipv6() const { return uses_ipv6_; }

  private:
    std::string name_made_by(const CaseCall& call, size_t step) const;
    std::vector<Value> socket_arguments(const CaseCall& call);
    Family family_of(const CaseCall& call) const;
    Value value_of(const CaseArgument& argument, Family family, const std::string& host);
    ExpectedResult expected_of(const CaseCall& call, Family family, const std::string& host);
    std::string output_of(const CaseResult& result, Family family, const std::string& host);
    std::string host_of(const std::string& program) const;
    IpAddress address_of(const Endpoint& endpoint, Family family, const std::string& host);

    const CaseStory& story_;
    const Settings& settings_;
    std::map<std::pair<std::string, std::string>, Family> families_;  // of every socket made so far
    std::map<const CaseCall*, std::string> later_names_;              // of calls that were begun without a name
    bool uses_ipv6_ = false;
};

}  // namespace tcpwitness
