#include "plan/plan_steps.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "plan/addressing.hh"
#include "plan/path_support.hh"
#include "plan/plan_call.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDefaultDeadline = 5s;
constexpr Duration kGrace = 1s;  // for a busy machine, where the case says exactly how long something takes

class StepPlanner {
  public:
    StepPlanner(const CaseStory& story, const Settings& settings, Diagnostics& diagnostics)
        : story_(story), settings_(settings), diagnostics_(diagnostics), calls_(story, settings) {}

    PlannedSteps plan();

  private:
    void add(const CaseStep& step);
    Action action_of(const CaseStep& step);
    Action plan_path(const CasePathTrick& trick);
    Duration deadline_of(const CaseStep& step) const;
    Duration expected_of(const CaseStep& step) const;
    void check_sockets(const CaseStep& step, const Action& action);
    void check_socket(const CaseStep& step, const std::string& program, const std::string& name);

    const CaseStory& story_;
    const Settings& settings_;
    Diagnostics& diagnostics_;
    CallPlanner calls_;
    PlannedSteps planned_;
};

PlannedSteps StepPlanner::plan() {
    calls_.learn_names();
    for (const CaseStep& step : story_.steps) {
        if (settings_.holds(step.when)) add(step);
    }
    planned_.uses_ipv6 = calls_.uses_ipv6();
    return std::move(planned_);
}

void StepPlanner::add(const CaseStep& step) {
    PlanStep planned{.source = step.source, .deadline = deadline_of(step), .action = action_of(step)};
    check_sockets(step, planned.action);
    planned_.expected_duration += expected_of(step);
    planned_.steps.push_back(std::move(planned));
}

Action StepPlanner::action_of(const CaseStep& step) {
    const CaseAction& action = step.action;
    if (const auto* call = std::get_if<CaseCall>(&action)) return calls_.plan(*call, planned_.steps.size());
    if (const auto* start = std::get_if<CaseStart>(&action)) return StartStep{start->program};
    if (const auto* signal = std::get_if<CaseSignal>(&action)) {
        return SignalStep{signal->program, signal->signal, signal->signal_name};
    }
    if (const auto* await = std::get_if<CaseAwait>(&action)) return AwaitStep{await->condition};
    if (const auto* check = std::get_if<CaseCheck>(&action)) return CheckStep{check->condition};
    if (const auto* wait = std::get_if<CaseWait>(&action)) return WaitStep{settings_.range(wait->duration).most};
    if (const auto* set = std::get_if<CaseSetSysctl>(&action)) {
        return SysctlStep{set->sysctl.host, set->sysctl.key, set->sysctl.value};
    }
    return plan_path(std::get<CasePathTrick>(action));
}

Action StepPlanner::plan_path(const CasePathTrick& trick) {
    for (const std::string& each : features_of(trick.trick)) planned_.features.push_back(each);
    planned_.forwarder = planned_.forwarder || needs_forwarder(trick.trick);
    return PathStep{trick.function, trick.arguments, trick.trick};
}

// How long a poll() waits by its own argument.
Duration own_timeout(const CaseAction& action) {
    const auto* call = std::get_if<CaseCall>(&action);
    constexpr size_t kTimeout = 2;
    if (call == nullptr || call->function != "poll" || call->arguments.size() <= kTimeout) return {};
    const Value& timeout = call->arguments[kTimeout].value;
    if (timeout.kind == Value::Kind::duration) return timeout.duration;
    constexpr int64_t kMost = int64_t{24} * 3600 * 1000;
    return std::chrono::milliseconds(std::clamp<int64_t>(timeout.integer, 0, kMost));
}

Duration StepPlanner::deadline_of(const CaseStep& step) const {
    if (step.within) return settings_.range(*step.within).most + (step.within->two_msl ? kGrace : Duration::zero());
    if (const auto* wait = std::get_if<CaseWait>(&step.action)) return settings_.range(wait->duration).most + kGrace;
    // A case that says how long it may take knows that its calls are slow: example 5 reads everything in one.
    const bool is_call = std::holds_alternative<CaseCall>(step.action);
    const Duration usual = is_call ? story_.timeout.value_or(kDefaultDeadline) : kDefaultDeadline;
    return std::max({kDefaultDeadline, usual, own_timeout(step.action) + kGrace});
}

// A guess: waits are waited out, TIME_WAIT lasts its length, and what got a long deadline needs some part of it.
Duration StepPlanner::expected_of(const CaseStep& step) const {
    constexpr int kPartOfDeadline = 4;
    if (const auto* wait = std::get_if<CaseWait>(&step.action)) return settings_.range(wait->duration).most;
    if (!step.within) return {};
    const DurationRange range = settings_.range(*step.within);
    if (step.within->two_msl) return (range.least + range.most) / 2;
    return range.most > kDefaultDeadline ? range.most / kPartOfDeadline : Duration::zero();
}

void StepPlanner::check_sockets(const CaseStep& step, const Action& action) {
    if (const auto* call = std::get_if<CallStep>(&action)) {
        for (const Value& argument : call->arguments) {
            if (argument.kind == Value::Kind::socket) check_socket(step, call->program, argument.text);
        }
        return;
    }
    const Condition* condition = nullptr;
    if (const auto* await = std::get_if<AwaitStep>(&action)) condition = &await->condition;
    if (const auto* check = std::get_if<CheckStep>(&action)) condition = &check->condition;
    if (condition == nullptr) return;
    if (const auto* state = std::get_if<StateCondition>(condition))
        check_socket(step, state->socket.program, state->socket.name);
    if (const auto* info = std::get_if<TcpInfoCondition>(condition))
        check_socket(step, info->socket.program, info->socket.name);
}

void StepPlanner::check_socket(const CaseStep& step, const std::string& program, const std::string& name) {
    if (name.empty() || calls_.has_socket(program, name)) return;
    diagnostics_.add(step.source.position,
                     fmt::format("on kernel {} no step makes the socket '{}' of {}", settings_.machine().kernel_release,
                                 name, program),
                     "the step that makes it has a 'when' that does not hold there");
}

}  // namespace

PlannedSteps plan_steps(const CaseStory& story, const Settings& settings, Diagnostics& diagnostics) {
    return StepPlanner(story, settings, diagnostics).plan();
}

}  // namespace tcpwitness
