// Whether a condition of an await or a check holds, and what was observed when it does not.
#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "run/live_run.hh"

namespace tcpwitness {
namespace {

bool exit_matches(const ExitCondition& condition, const ActorExit& exit) {
    if (condition.signal && exit.signal != *condition.signal) return false;
    if (condition.exit_status && (exit.signal != 0 || exit.exit_status != *condition.exit_status)) return false;
    return true;
}

bool segment_matches(const SegmentCondition& condition, const SegmentSeen& seen) {
    constexpr uint8_t kCompared =
        tcp_flag::kFin | tcp_flag::kSyn | tcp_flag::kRst | tcp_flag::kAck | tcp_flag::kUrg;
    if (seen.direction != Direction::arrived || seen.host != condition.to) return false;
    if ((seen.segment.flags & kCompared) != (condition.flags & kCompared)) return false;
    return !condition.payload_length || condition.payload_length->holds(seen.segment.payload_length);
}

}  // namespace

SocketQuery query_of(const SocketReference& reference) {
    return {reference.host, reference.program, reference.name, reference.port};
}

bool LiveRun::holds(const Condition& condition) {
    if (const auto* state = std::get_if<StateCondition>(&condition)) {
        const std::vector<TcpState> states = observers_->states(query_of(state->socket));
        return std::find(states.begin(), states.end(), state->state) != states.end();
    }
    if (const auto* info = std::get_if<TcpInfoCondition>(&condition)) {
        const std::optional<int64_t> value = observers_->tcp_info(query_of(info->socket), info->field);
        return value && info->comparison.holds(*value);
    }
    if (const auto* exit = std::get_if<ExitCondition>(&condition)) {
        const Program& ended = program(exit->program);
        return ended.exit && exit_matches(*exit, *ended.exit);
    }
    if (const auto* counter = std::get_if<CounterCondition>(&condition))
        return counter->comparison.holds(observers_->counter(counter->host, counter->counter));
    return has_held(condition, Instant{});
}

bool LiveRun::has_held(const Condition& condition, Instant since) {
    if (const auto* state = std::get_if<StateCondition>(&condition))
        return observers_->entered(query_of(state->socket), state->state, since) || holds(condition);
    if (const auto* fault = std::get_if<FaultCondition>(&condition)) return has_fired(*fault, since);
    const auto* wanted = std::get_if<SegmentCondition>(&condition);
    if (wanted == nullptr) return holds(condition);
    return std::any_of(timeline_.events.rbegin(), timeline_.events.rend(), [&](const Event& event) {
        const auto* seen = std::get_if<SegmentSeen>(&event.body);
        return seen != nullptr && event.at >= since && segment_matches(*wanted, *seen);
    });
}

bool LiveRun::has_fired(const FaultCondition& condition, Instant since) const {
    return std::any_of(timeline_.events.rbegin(), timeline_.events.rend(), [&](const Event& event) {
        const auto* fired = std::get_if<FaultFired>(&event.body);
        return fired != nullptr && event.at >= since && fired->action == condition.fault;
    });
}

std::string LiveRun::describe(const Condition& condition) {
    if (const auto* state = std::get_if<StateCondition>(&condition)) {
        const std::vector<TcpState> states = observers_->states(query_of(state->socket));
        if (states.empty()) return fmt::format("no socket {} was seen", to_string(state->socket));
        std::string text = to_string(state->socket) + " is";
        for (const TcpState now_in : states) text += fmt::format(" {}", to_string(now_in));
        return text;
    }
    if (const auto* info = std::get_if<TcpInfoCondition>(&condition)) {
        const std::optional<int64_t> value = observers_->tcp_info(query_of(info->socket), info->field);
        return value ? fmt::format("tcp_info.{} is {}", info->field, *value)
                     : fmt::format("no socket {} is there", to_string(info->socket));
    }
    if (const auto* exit = std::get_if<ExitCondition>(&condition)) {
        const Program& ended = program(exit->program);
        if (!ended.exit) return fmt::format("{} is running", exit->program);
        if (ended.exit->signal != 0) return fmt::format("{} was ended by SIG{}", exit->program, sigabbrev_np(ended.exit->signal));
        return fmt::format("{} exited with status {}", exit->program, ended.exit->exit_status);
    }
    if (const auto* counter = std::get_if<CounterCondition>(&condition))
        return fmt::format("{} is {}", counter->counter, observers_->counter(counter->host, counter->counter));
    if (std::holds_alternative<FaultCondition>(condition)) return "it has hit nothing";
    return "no such segment arrived";
}

}  // namespace tcpwitness
