// Planner: Case, Machine and options in, Plans out. Pure: it asks no kernel and reads no file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostics.hh"
#include "case/case.hh"
#include "plan/machine.hh"
#include "plan/plan.hh"

namespace tcpwitness {

struct PlanOptions {
    uint64_t seed = 1;
    std::vector<Family> families;  // only these; empty: all that the case names
};

// One Plan for each row and family. A plan that the machine cannot run says so in `skip`. Mistakes that show only on
// this machine (a `when` took away the step that makes a socket) go to `diagnostics`; such plans are left out.
std::vector<Plan> make_plans(const Case& source, const Machine& machine, const PlanOptions& options,
                             Diagnostics& diagnostics);

// Programs that the case runs and that must be found on PATH: what Machine::programs should tell of.
std::vector<std::string> programs_needed(const Case& source);

// "teardown/four_way_close" for ".../cases/teardown/four_way_close.yaml": the part below the last folder `cases`, or
// the whole path when there is none, without its extension.
std::string case_name(const std::string& file);

}  // namespace tcpwitness
