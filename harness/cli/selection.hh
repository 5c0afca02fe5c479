// Selection: from the words of the command line to cases and plans.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.hh"
#include "case/case.hh"
#include "plan/machine.hh"
#include "plan/plan.hh"

namespace tcpwitness {

// What a command line asks for.
struct Wanted {
    std::vector<std::string> paths;  // files, folders, FILE[VARIANT]
    std::string filter;              // -k
    uint64_t seed = 1;
    std::optional<Family> family;
};

struct LoadedCases {
    std::vector<Case> cases;
    Diagnostics diagnostics;  // of all files; when there are any, nothing must be run
};

// Reads every case file among and below `paths`. The cases in a folder `self` (which must fail) are taken only when the
// folder or the file itself is named. Throws Error naming a path that does not exist.
LoadedCases load_cases(const std::vector<std::string>& paths);

// The programs that any of the cases runs.
std::vector<std::string> programs_needed(const std::vector<Case>& cases);

// The plans of the cases that the command line asks for, in the order of the files. Mistakes that only the machine
// brings to light are added to `loaded.diagnostics`.
std::vector<Plan> select_plans(LoadedCases& loaded, const Wanted& wanted, const Machine& machine);

}  // namespace tcpwitness
