// What calls return.
#include <cerrno>

#include "base/error.hh"
#include "mutate/changes.hh"

namespace tcpwitness {
namespace {

using Kind = ExpectedResult::Kind;

ExpectedResult error(int number) {
    ExpectedResult result{.kind = Kind::error};
    result.error_number = number;
    return result;
}

std::vector<ExpectedResult> other_results(const ExpectedResult& expected) {
    ExpectedResult changed = expected;
    switch (expected.kind) {
        case Kind::any:
            return {};
        case Kind::success:
            return {error(EIO)};
        case Kind::error:
            return {error(expected.error_number == EIO ? EPERM : EIO), ExpectedResult{}};
        case Kind::number:
        case Kind::value:
            changed.number = other_comparison(expected.number);
            return {changed, error(EIO)};
        case Kind::output:
            break;
    }
    changed.output = "not " + expected.output;
    return {changed, error(EIO)};
}

std::string words(const ExpectedResult& expected) {
    return expected.kind == Kind::success ? "success" : to_string(expected);
}

}  // namespace

void change_steps(const Plan& plan, std::vector<Mutant>& mutants) {
    for (size_t i = 0; i < plan.steps.size(); ++i) {
        const auto* call = std::get_if<CallStep>(&plan.steps[i].action);
        // exit() does not return: that the program ended is what its step comes to.
        if (call == nullptr || call->mode == CallMode::begin || call->function == "exit") continue;
        for (const ExpectedResult& other : other_results(call->expected)) {
            mutants.push_back(
                {plan.steps[i].source,
                 is_now(words(call->expected), words(other)),
                 [i, other](Plan& changed) { std::get<CallStep>(changed.steps[i].action).expected = other; },
                 {}});
        }
    }
}

}  // namespace tcpwitness
