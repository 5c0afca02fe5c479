#include "report/outcome_words.hh"

#include <fmt/core.h>

#include <cstring>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// The socket that the call made; empty when it made none.
std::string socket_made(const Plan& plan, const Call& call) {
    const bool known = call.step >= 0 && static_cast<size_t>(call.step) < plan.steps.size();
    const auto* planned = known ? std::get_if<CallStep>(&plan.steps[static_cast<size_t>(call.step)].action) : nullptr;
    return planned == nullptr || !call.ended || call.error_number != 0 ? "" : planned->makes;
}

}  // namespace

std::string_view outcome_words(StepOutcome outcome) {
    switch (outcome) {
        case StepOutcome::done:
            return "done";
        case StepOutcome::timed_out:
            return "timed out";
        case StepOutcome::refused:
            return "not so";
        case StepOutcome::unsupported:
            return "not possible here";
        case StepOutcome::broken:
            return "error";
    }
    return "unknown";
}

std::string step_text(const PlanStep& step) {
    const std::string& text = step.source.text;
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos) return text;
    return text.compare(begin, 2, "- ") == 0 ? text.substr(begin + 2) : text.substr(begin);
}

std::string call_text(const Plan& plan, const Call& call) {
    const std::string made = socket_made(plan, call);
    return made.empty() ? call.text : made + " = " + call.text;
}

std::string call_result(const Plan& plan, const Call& call) {
    if (!call.ended) return " = ...";
    if (call.error_number != 0) return " = " + errno_name(call.error_number);
    if (!socket_made(plan, call).empty()) return {};
    return " = " + (call.output.empty() ? std::to_string(call.result) : call.output);
}

std::string short_call(const std::string& call_text) {
    const size_t open = call_text.find('(');
    if (open == std::string::npos) return call_text;
    const size_t end = call_text.find_first_of(",)", open);
    return end == std::string::npos ? call_text : call_text.substr(0, end) + ")";
}

std::string exit_words(const ProgramExited& exited) {
    if (exited.signal == 0) return fmt::format("{} exited {}", exited.program, exited.exit_status);
    const char* name = sigabbrev_np(exited.signal);
    return name != nullptr ? fmt::format("{} ended by SIG{}", exited.program, name)
                           : fmt::format("{} ended by signal {}", exited.program, exited.signal);
}

}  // namespace tcpwitness
