// Mutant: a Plan that expects something else than the case says. Judged on the same Timeline it must not pass; where it
// does, the case would not have noticed. Pure: from a Plan, without a kernel.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hh"

namespace tcpwitness {

struct Mutant {
    SourceLine source;   // the line of the case that is changed
    std::string change;  // "FIN_WAIT_2 is CLOSING", "seq=p+1 is seq=p+2"
    std::function<void(Plan&)> apply;
    // The change is to an optional line of `wire`, of this index: there is nothing to notice when it took no segment.
    std::optional<size_t> optional_line;
};

// Every change of one thing in the results of calls and in the expectations. A change that only says less (dropping a
// counter, or the state beside "...") is not made: what holds for more holds for less, so no verdict can notice it.
// Conditions of await and check are not changed: the running kernel answered them, and a Timeline has only the answer.
std::vector<Mutant> mutants_of(const Plan& plan);

Plan mutated(const Plan& plan, const Mutant& mutant);

}  // namespace tcpwitness
