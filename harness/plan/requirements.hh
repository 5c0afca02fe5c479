// What a plan needs of its machine, and why a machine cannot run it.
#pragma once

#include <string>
#include <vector>

#include "case/case.hh"
#include "plan/plan.hh"
#include "plan/plan_steps.hh"
#include "plan/settings.hh"

namespace tcpwitness {

// Feature names, each once.
std::vector<std::string> needs_of(const CaseStory& story, const PlannedSteps& steps, const Expectations& expect,
                                  const Settings& settings);

// Every reason, joined by "; "; empty when the plan can run. `needs` are those of the plan.
std::string skip_reason(const CaseStory& story, const Plan& plan, const Settings& settings);

}  // namespace tcpwitness
