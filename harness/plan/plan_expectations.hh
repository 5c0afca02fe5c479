// The expectations of a plan: those that hold for this kernel and family, with 2MSL as a range of time.
#pragma once

#include "case/case.hh"
#include "plan/plan.hh"
#include "plan/settings.hh"

namespace tcpwitness {

Expectations plan_expectations(const CaseStory& story, const Settings& settings);

}  // namespace tcpwitness
