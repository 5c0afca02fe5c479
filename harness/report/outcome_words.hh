// How reports put into words what became of a step, a call or a program.
#pragma once

#include <string>
#include <string_view>

#include "plan/plan.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

std::string_view outcome_words(StepOutcome outcome);  // "done", "timed out", "was false", ...

// The step as the case has it, without the dash of the list: "client: connect(c, server:7000)".
std::string step_text(const PlanStep& step);

// The call as the case has it: "l = socket()" when it made the socket that it was to make.
std::string call_text(const Plan& plan, const Call& call);

// What a call gave back, as strace puts it behind the call: " = 0", " = ECONNREFUSED", " = ..." while it has not
// returned; empty for the descriptor in "l = socket()".
std::string call_result(const Plan& plan, const Call& call);

// The call by its function and its socket: "connect(c)" for "connect(c, server:7000)".
std::string short_call(const std::string& call_text);

std::string exit_words(const ProgramExited& exited);  // "nginx exited 1", "first ended by SIGINT"

}  // namespace tcpwitness
