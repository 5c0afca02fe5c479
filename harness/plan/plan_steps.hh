// The steps of a plan: those whose `when` holds, with addresses, deadlines and expected results.
#pragma once

#include <string>
#include <vector>

#include "case/case.hh"
#include "plan/plan.hh"
#include "plan/settings.hh"

namespace tcpwitness {

struct PlannedSteps {
    std::vector<PlanStep> steps;
    bool uses_ipv6 = false;             // some socket or address is IPv6
    std::vector<std::string> features;  // that the tricks of path need
    bool forwarder = false;             // path must forward in user space for one of them
    Duration expected_duration{};
};

// A socket that no remaining step makes, for `when` took that step away, is a mistake.
PlannedSteps plan_steps(const CaseStory& story, const Settings& settings, Diagnostics& diagnostics);

}  // namespace tcpwitness
