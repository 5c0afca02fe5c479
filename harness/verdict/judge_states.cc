// Sequences of states. A socket that is meant by several names' uses or by its port need only be one of them.
#include <fmt/core.h>

#include <algorithm>

#include "verdict/judge.hh"
#include "verdict/state_pattern.hh"

namespace tcpwitness {
namespace {

// What came of one socket that the expectation may mean.
struct Attempt {
    int socket = 0;
    std::vector<PassedState> passed;
    bool holds = false;
    std::string undecided;  // why it could not be told; empty when it could
    StateDifference difference;
};

bool starts_with_closed(const std::vector<StateElement>& pattern) {
    if (pattern.empty() || pattern.front().gap) return false;
    const auto& alternatives = pattern.front().alternatives;
    return std::any_of(alternatives.begin(), alternatives.end(), [](const auto& alternative) {
        return !alternative.empty() && alternative.front().state == TcpState::closed;
    });
}

std::string socket_text(const Story& story, int socket) {
    for (const Socket& each : story.timeline.sockets) {
        if (each.index == socket) return to_string(each);
    }
    return fmt::format("socket {}", socket);
}

// Why the pattern may hold all the same: states or times that the observers of this run could not see.
std::string what_was_not_seen(const Story& story, const std::vector<StateElement>& pattern,
                              const std::vector<PassedState>& passed) {
    const Observed& observed = story.timeline.observed;
    if (!match_states(pattern, passed, {.inexact_durations = true})) {
        return "how long a state lasted was not seen exactly";
    }
    if (!observed.exact_states && !match_states(pattern, passed, {.all_may_be_missed = true})) {
        return "states come from samples, and some of those expected may have passed between two samples";
    }
    if (!observed.exact_time_wait && !match_states(pattern, passed, {.time_wait_may_be_missed = true})) {
        return "what happens in TIME_WAIT mini-sockets was not seen as it happened";
    }
    return {};
}

Attempt attempt(const Story& story, const std::vector<StateElement>& pattern, int socket) {
    Attempt result{.socket = socket};
    for (const bool from_closed : {starts_with_closed(pattern), false}) {
        result.passed = passed_states(story, socket, from_closed);
        const auto difference = match_states(pattern, result.passed, {.inexact_durations = false});
        result.holds = !difference.has_value();
        if (result.holds) return result;
        // The difference to show: in the order if there is one, else in a time.
        result.difference = match_states(pattern, result.passed, {.durations = false}).value_or(*difference);
        result.undecided = what_was_not_seen(story, pattern, result.passed);
        if (from_closed && !result.undecided.empty()) return result;
    }
    return result;
}

// "FIN_WAIT_1 -> LAST_ACK[203ms] -> TIME_WAIT (inferred)", with times for the states whose time the pattern judges.
std::string passed_text(const std::vector<StateElement>& pattern, const std::vector<PassedState>& passed, size_t marked,
                        size_t& mark) {
    const auto timed = [&pattern](TcpState state) {
        for (const StateElement& element : pattern) {
            for (const auto& alternative : element.alternatives) {
                for (const StateAndDuration& each : alternative) {
                    if (each.state == state && each.duration) return true;
                }
            }
        }
        return false;
    };
    std::string text;
    for (size_t i = 0; i < passed.size(); ++i) {
        if (i > 0) text += " -> ";
        if (i == marked) mark = text.size();
        text += to_string(passed[i].state);
        if (timed(passed[i].state)) {
            text += fmt::format("[{}{}]", format_duration(passed[i].lasted), passed[i].ended ? "" : " so far");
        }
        if (passed[i].inferred) text += " (inferred)";
    }
    if (marked >= passed.size()) mark = text.size();
    return text;
}

std::string one_of(const std::vector<TcpState>& states) {
    std::string text;
    for (size_t i = 0; i < states.size(); ++i) {
        if (i > 0) text += i + 1 == states.size() ? " or " : ", ";
        text += to_string(states[i]);
    }
    return text;
}

std::string duration_message(const std::string& name, const PassedState& passed, const StateAndDuration& wanted) {
    const std::string_view state = to_string(passed.state);
    const std::string range = fmt::format("{} ({})", wanted.duration_text, range_text(*wanted.duration));
    if (!passed.ended && judge_duration(*wanted.duration, passed.lasted, false) == Lasting::not_ended) {
        return fmt::format("{} was in {} for {} and still in it when the story ended; {} was expected", name, state,
                           format_duration(passed.lasted), range);
    }
    return fmt::format("{} was in {} for {}{}; {} was expected", name, state, format_duration(passed.lasted),
                       passed.ended ? "" : " when the story ended", range);
}

std::string order_message(const Story& story, const std::string& name, const Attempt& attempt) {
    const StateDifference& difference = attempt.difference;
    const auto& passed = attempt.passed;
    const size_t at = difference.passed;
    const std::string wanted = one_of(difference.wanted);
    if (at == passed.size()) {
        const std::string_view last = at == 0 ? "no state" : to_string(passed.back().state);
        return fmt::format("{} was still in {} when the story ended at {}; {} was expected to follow", name, last,
                           format_duration(story.end), wanted);
    }
    const std::string when = format_duration(passed[at].began);
    const std::string_view state = to_string(passed[at].state);
    const std::string expected = wanted.empty() ? "the sequence was expected to end there" : wanted + " was expected";
    if (at == 0) return fmt::format("{} was first seen in {} at {}; {}", name, state, when, expected);
    return fmt::format("{} went from {} to {} at {}; {}", name, to_string(passed[at - 1].state), state, when, expected);
}

std::string difference_message(const Story& story, const Attempt& attempt) {
    const std::string name = socket_text(story, attempt.socket);
    const StateDifference& difference = attempt.difference;
    if (difference.by_duration != nullptr) {
        return duration_message(name, attempt.passed[difference.passed], *difference.by_duration);
    }
    return order_message(story, name, attempt);
}

// Where it holds: every change. Where it does not: the change before the difference and the one at it.
std::vector<size_t> evidence_of(const Attempt& attempt) {
    std::vector<size_t> events;
    const size_t at = attempt.difference.passed;
    for (size_t i = 0; i < attempt.passed.size(); ++i) {
        const bool near = i == at || i + 1 == at || (attempt.difference.by_duration != nullptr && i == at + 1);
        if (attempt.passed[i].event && (attempt.holds || near)) events.push_back(*attempt.passed[i].event);
    }
    return events;
}

Finding finding_of(const Story& story, const StatesExpectation& expectation, const Attempt& attempt, size_t sockets) {
    Finding finding;
    finding.kind = "states";
    finding.source = expectation.source;
    finding.holds = attempt.holds;
    finding.undecided = !attempt.holds && !attempt.undecided.empty();
    finding.expected = pattern_text(expectation.sequence);
    size_t mark = std::string::npos;
    const size_t marked = attempt.holds ? std::string::npos : attempt.difference.passed;
    finding.observed = passed_text(expectation.sequence, attempt.passed, marked, mark);
    finding.evidence = evidence_of(attempt);
    if (attempt.holds) return finding;
    finding.message = difference_message(story, attempt);
    if (finding.undecided) finding.message = fmt::format("not decided: {} ({})", attempt.undecided, finding.message);
    if (sockets > 1) {
        finding.message = fmt::format("none of the {} sockets that '{}' can mean does as expected; the nearest: {}",
                                      sockets, to_string(expectation.socket), finding.message);
    }
    finding.expected_mark = attempt.difference.expected_mark == std::string::npos ? finding.expected.size()
                                                                                  : attempt.difference.expected_mark;
    finding.observed_mark = mark;
    return finding;
}

// Which of two attempts says more about the expectation.
bool better(const Attempt& a, const Attempt& b) {
    const auto rank = [](const Attempt& each) {
        const bool right_state = each.difference.by_duration != nullptr;  // only for another time
        return std::tuple(each.holds, !each.undecided.empty(), each.difference.matched, right_state,
                          each.difference.passed);
    };
    return rank(a) > rank(b);
}

}  // namespace

Finding judge(const Story& story, const StatesExpectation& expectation) {
    const std::vector<int> sockets = sockets_meant(story, expectation.socket);
    if (sockets.empty()) {
        Finding none =
            failed("states", expectation.source, fmt::format("no socket '{}' was seen", to_string(expectation.socket)));
        none.expected = pattern_text(expectation.sequence);
        return none;
    }
    Attempt best = attempt(story, expectation.sequence, sockets.front());
    for (size_t i = 1; i < sockets.size(); ++i) {
        Attempt other = attempt(story, expectation.sequence, sockets[i]);
        if (better(other, best)) best = std::move(other);
    }
    return finding_of(story, expectation, best, sockets.size());
}

}  // namespace tcpwitness
