// One function per kind of step. A step ends when what it names was observed, or at its deadline.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <thread>

#include "base/error.hh"
#include "network/sysctl.hh"
#include "run/live_run.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// A wait that lasts longer than this leaves the processors to other runs.
constexpr Duration kLongWait = 1s;

bool may_take_long(const PlanStep& step) {
    if (const auto* wait = std::get_if<WaitStep>(&step.action)) return wait->duration > kLongWait;
    return std::holds_alternative<AwaitStep>(step.action) || std::holds_alternative<CallStep>(step.action);
}

// A tick of Debian's kernels (CONFIG_HZ=250). Many timers of TCP count in ticks.
constexpr Duration kTick = 4ms;

// How long after the stage stands the story begins: seed 1 at once, others spread over a tick by the golden ratio. Without
// it, the same time would pass under every seed of a guest, and what meets a tick would meet it always.
Duration moment_of(uint64_t seed) {
    constexpr double kGoldenRatio = 0.6180339887498949;
    const double turns = static_cast<double>(seed - 1) * kGoldenRatio;
    return std::chrono::duration_cast<Duration>(kTick * (turns - std::floor(turns)));
}

// signal(7), "Standard signals": the others are ignored, or stop or continue the process.
bool ends_by_default(int signal) {
    constexpr std::array kOthers{SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH};
    return std::find(kOthers.begin(), kOthers.end(), signal) == kOthers.end();
}

std::string describe_outcome(const CallReply& reply) {
    if (reply.error_number != 0) return errno_name(reply.error_number);
    return reply.output.empty() ? fmt::format("{}", reply.result) : reply.output;
}

std::string describe_exit(const ActorExit& exit) {
    if (exit.signal != 0) return fmt::format("was ended by SIG{}", sigabbrev_np(exit.signal));
    return fmt::format("exited with status {}", exit.exit_status);
}

}  // namespace

void LiveRun::play() {
    std::this_thread::sleep_for(moment_of(plan_.seed));
    const int count = static_cast<int>(plan_.steps.size());
    int played = 0;
    while (played < count && play_step(played)) ++played;
    played_whole_ = played == count;
    settle();
}

bool LiveRun::play_step(int index) {
    const PlanStep& step = plan_.steps[static_cast<size_t>(index)];
    const Instant began = now();
    record_at(began, StepBegan{index});
    if (!std::holds_alternative<AwaitStep>(step.action)) last_action_ = began;
    if (options_.progress) options_.progress(index, may_take_long(step));
    StepResult result;
    try {
        result = std::visit([&](const auto& action) { return perform(index, action, std::min(began + step.deadline, plan_.timeout)); }, step.action);
    } catch (const Unsupported& unsupported) {
        record(StepEnded{index, StepOutcome::unsupported, unsupported.what()});
        throw Unsupported(fmt::format("{}: {}: {}", to_string(step.source.position), step.source.text, unsupported.what()));
    } catch (const std::exception& error) {
        record(StepEnded{index, StepOutcome::broken, error.what()});
        throw Error(fmt::format("{}: {}: {}", to_string(step.source.position), step.source.text, error.what()));
    }
    record(StepEnded{index, result.outcome, result.observed});
    if (result.outcome == StepOutcome::timed_out && now() >= plan_.timeout)
        throw Error(fmt::format("{}: {}: the case's timeout of {} is over", to_string(step.source.position),
                                step.source.text, format_duration(plan_.timeout)));
    return result.outcome == StepOutcome::done;
}

uint64_t LiveRun::ask(int step, const CallStep& call) {
    Program& caller = program(call.program);
    if (!caller.actor || !caller.actor->running())
        throw Error(fmt::format("{} is not running{}", call.program,
                                caller.exit ? " any more: it " + describe_exit(*caller.exit) : ""));
    if (call.function == "exit") caller.may_end = true;
    const uint64_t id = next_call_++;
    PendingCall& pending = caller.calls[id];
    pending.step = step;
    pending.call = &call;
    pending.asked = now();
    CallRequest request{.id = id, .function = call.function, .arguments = call.arguments, .makes = call.makes};
    request.detached = call.mode == CallMode::begin;
    caller.actor->call(request);
    return id;
}

LiveRun::StepResult LiveRun::perform(int step, const CallStep& call, Instant deadline) {
    if (call.mode == CallMode::begin) return begin_call(step, call, deadline);
    if (call.mode == CallMode::finish) return finish_call(call, deadline);
    const uint64_t id = ask(step, call);
    if (call.function == "exit") {
        Program& caller = program(call.program);
        const bool gone = wait_until([&] { return caller.exit.has_value(); }, deadline);
        caller.calls.erase(id);
        if (!gone) return {StepOutcome::timed_out, fmt::format("{} is still running", call.program)};
        return {};
    }
    StepResult result = outcome_of(program(call.program), id, call.expected, deadline);
    observers_->drain();
    observers_->look();
    return result;
}

LiveRun::StepResult LiveRun::outcome_of(Program& caller, uint64_t id, const ExpectedResult& expected, Instant deadline) {
    PendingCall& pending = caller.calls.at(id);
    const bool over = wait_until([&] { return pending.reply || caller.exit || !caller.broken.empty(); }, deadline);
    if (!caller.broken.empty()) throw Error(caller.broken);
    if (!over) return {StepOutcome::timed_out, "has not returned"};
    if (!pending.reply) return {StepOutcome::refused, fmt::format("{} {}", caller.plan->name, describe_exit(*caller.exit))};
    const CallReply& reply = *pending.reply;
    if (!reply.refused.empty()) throw Error(reply.refused);
    if (matches(expected, reply.result, reply.error_number, reply.output)) return {};
    return {StepOutcome::refused, describe_outcome(reply)};
}

// The call has begun when it has returned already or blocks in the kernel.
LiveRun::StepResult LiveRun::begin_call(int step, const CallStep& call, Instant deadline) {
    Program& caller = program(call.program);
    PendingCall& pending = caller.calls.at(ask(step, call));
    const bool begun = wait_until(
        [&] { return pending.begun || pending.reply || caller.exit || !caller.broken.empty(); }, deadline);
    if (!caller.broken.empty()) throw Error(caller.broken);
    if (!begun) return {StepOutcome::timed_out, "has not begun"};
    if (pending.reply && !pending.reply->refused.empty()) throw Error(pending.reply->refused);
    observers_->drain();
    observers_->look();
    return {};
}

LiveRun::StepResult LiveRun::finish_call(const CallStep& call, Instant deadline) {
    Program& caller = program(call.program);
    for (auto& [id, pending] : caller.calls) {
        const bool same = pending.call->mode == CallMode::begin && pending.call->function == call.function &&
                          !pending.call->arguments.empty() && !call.arguments.empty() &&
                          pending.call->arguments.front() == call.arguments.front();
        if (!same) continue;
        StepResult result = outcome_of(caller, id, call.expected, deadline);
        if (result.outcome == StepOutcome::done) caller.calls.erase(id);
        observers_->drain();
        observers_->look();
        return result;
    }
    throw Error(fmt::format("{} has no unfinished {}", call.program, call.function));
}

LiveRun::StepResult LiveRun::perform(int step, const StartStep& start, Instant deadline) {
    Program& starting = program(start.program);
    const bool free = wait_until([&] { return !starting.actor || starting.exit; }, deadline);
    if (!free) return {StepOutcome::timed_out, fmt::format("{} is still running", start.program)};
    start_program(starting, step);
    return {};
}

// A tcp_actor leaves every signal its default action. One that ends it has done its work when the process is gone: the
// kernel closes a process's sockets one after the other. Any other program may take its time, or stay; it gets its signal
// when it has accepted the connections that earlier steps made, which would be reset otherwise.
LiveRun::StepResult LiveRun::perform(int, const SignalStep& signal, Instant deadline) {
    Program& target = program(signal.program);
    if (!target.actor || !target.actor->running())
        return {StepOutcome::refused, fmt::format("{} is not running", signal.program)};
    if (!target.plan->command.empty()) wait_for_accept(target.plan->host, deadline);
    target.may_end = true;
    target.actor->signal(signal.signal);
    if (!target.plan->command.empty() || !ends_by_default(signal.signal)) return {};
    if (wait_until([&] { return target.exit.has_value(); }, deadline)) return {};
    return {StepOutcome::timed_out, fmt::format("{} is still running", signal.program)};
}

// The kernel tells nobody of an accept(), so it is asked again and again.
void LiveRun::wait_for_accept(const std::string& host, Instant deadline) {
    constexpr Duration kAskAgain = 1ms;
    while (observers_->waiting_for_accept(host) > 0 && now() < deadline)
        wait_until([] { return false; }, std::min(deadline, now() + kAskAgain));
}

LiveRun::StepResult LiveRun::perform(int, const AwaitStep& await, Instant deadline) {
    const Instant since = last_action_;
    if (wait_until([&] { return has_held(await.condition, since); }, deadline)) return {};
    return {StepOutcome::timed_out, describe(await.condition)};
}

LiveRun::StepResult LiveRun::perform(int, const CheckStep& check, Instant) {
    observers_->drain();
    if (holds(check.condition)) return {};
    return {StepOutcome::refused, describe(check.condition)};
}

LiveRun::StepResult LiveRun::perform(int, const WaitStep& wait, Instant deadline) {
    const Instant end = now() + wait.duration;
    wait_until([] { return false; }, std::min(end, deadline));
    if (end > deadline) return {StepOutcome::timed_out, "is not over"};
    return {};
}

LiveRun::StepResult LiveRun::perform(int, const SysctlStep& sysctl, Instant) {
    set_sysctl(stage_.host(sysctl.host), sysctl.key, sysctl.value);
    return {};
}

LiveRun::StepResult LiveRun::perform(int step, const PathStep& path, Instant) {
    observers_->drain();
    path_->perform(step, path.trick, observers_->sockets(), timeline_.events);
    return {};
}

}  // namespace tcpwitness
