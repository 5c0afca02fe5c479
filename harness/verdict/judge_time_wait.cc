// TIME_WAIT: how often it began again, how long it lasted and what ended it.
#include <fmt/core.h>

#include <algorithm>

#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

// One stay in TIME_WAIT.
struct Stay {
    int socket = 0;
    size_t began = 0;              // event
    std::optional<size_t> ended;   // event
    Duration lasted{};             // from its last restart; to the end of the story when it has not ended
    std::vector<size_t> restarts;  // events
};

std::optional<Stay> stay_of(const Story& story, int socket) {
    std::optional<Stay> stay;
    for (size_t i = 0; i < story.length; ++i) {
        const auto* change = story.event<StateChange>(i);
        const auto* restart = story.event<TimeWaitRestart>(i);
        const bool open = stay && !stay->ended;
        if (change != nullptr && change->socket == socket) {
            if (change->to == TcpState::time_wait && !stay) stay = Stay{.socket = socket, .began = i};
            if (change->to != TcpState::time_wait && open) stay->ended = i;
        }
        if (restart != nullptr && restart->socket == socket && open) stay->restarts.push_back(i);
    }
    if (!stay) return stay;
    const size_t from = stay->restarts.empty() ? stay->began : stay->restarts.back();
    stay->lasted = (stay->ended ? story.time_of(*stay->ended) : story.end) - story.time_of(from);
    return stay;
}

std::string cause_of(const Story& story, const Stay& stay) {
    return stay.ended ? story.event<StateChange>(*stay.ended)->cause : std::string();
}

std::string expected_text(const TimeWaitExpectation& expectation) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (expectation.restarts) add("restarts: " + to_string(*expectation.restarts));
    if (expectation.length) add("length: " + expectation.length_text);
    if (expectation.ended_by) add("ended by: " + *expectation.ended_by);
    return "{" + text + "}";
}

std::string observed_text(const Story& story, const TimeWaitExpectation& expectation, const Stay& stay) {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (expectation.restarts) add(fmt::format("restarts: {}", stay.restarts.size()));
    if (expectation.length) add("length: " + format_duration(stay.lasted) + (stay.ended ? "" : " so far"));
    if (expectation.ended_by) add("ended by: " + (stay.ended ? cause_of(story, stay) : "nothing yet"));
    return "{" + text + "}";
}

// What differs first, and which key of the texts it is.
struct Difference {
    std::string message;
    std::string key;
};

Difference length_difference(const TimeWaitExpectation& expectation, const Stay& stay, const std::string& name) {
    switch (judge_duration(*expectation.length, stay.lasted, stay.ended.has_value())) {
        case Lasting::fits:
            return {};
        case Lasting::wrong:
            break;
        case Lasting::not_ended:
            return {
                fmt::format("{} was still in TIME_WAIT, after {}, when the story ended; a length of {} was expected",
                            name, format_duration(stay.lasted), expectation.length_text),
                "length"};
    }
    return {fmt::format("the TIME_WAIT of {} lasted {}{}; {} ({}) was expected", name, format_duration(stay.lasted),
                        stay.restarts.empty() ? "" : " after its last restart", expectation.length_text,
                        range_text(*expectation.length)),
            "length"};
}

Difference difference_of(const Story& story, const TimeWaitExpectation& expectation, const Stay& stay) {
    const std::string name = to_string(expectation.socket);
    const auto restarts = static_cast<int64_t>(stay.restarts.size());
    if (expectation.restarts && !expectation.restarts->holds(restarts)) {
        return {fmt::format("the TIME_WAIT of {} began again {}; {} was expected", name, counted(restarts, "time"),
                            to_string(*expectation.restarts)),
                "restarts"};
    }
    if (expectation.length) {
        Difference length = length_difference(expectation, stay, name);
        if (!length.message.empty()) return length;
    }
    if (!expectation.ended_by) return {};
    if (!stay.ended) {
        return {fmt::format("{} was still in TIME_WAIT when the story ended; it was expected to be ended by {}", name,
                            *expectation.ended_by),
                "ended by"};
    }
    const std::string cause = cause_of(story, stay);
    if (cause == *expectation.ended_by) return {};
    return {fmt::format("the TIME_WAIT of {} was ended by {}; {} was expected", name,
                        cause.empty() ? "something that was not seen" : cause, *expectation.ended_by),
            "ended by"};
}

Finding finding_of(const Story& story, const TimeWaitExpectation& expectation, const Stay& stay) {
    const Difference difference = difference_of(story, expectation, stay);
    Finding finding = failed("timewait", expectation.source, difference.message);
    finding.holds = difference.message.empty();
    finding.expected = expected_text(expectation);
    finding.observed = observed_text(story, expectation, stay);
    if (!finding.holds) {
        finding.expected_mark = finding.expected.find(difference.key);
        finding.observed_mark = finding.observed.find(difference.key);
    }
    finding.evidence.push_back(stay.began);
    finding.evidence.insert(finding.evidence.end(), stay.restarts.begin(), stay.restarts.end());
    if (stay.ended) finding.evidence.push_back(*stay.ended);
    return finding;
}

// Everything that the expectation is judged by was seen, not sampled or inferred.
bool is_exact(const Story& story, const Stay& stay) {
    const auto restart_seen = [&story](size_t event) {
        return seen_as_it_happened(story.event<TimeWaitRestart>(event)->source);
    };
    return seen_as_it_happened(story.event<StateChange>(stay.began)->source) &&
           (!stay.ended || seen_as_it_happened(story.event<StateChange>(*stay.ended)->source)) &&
           std::all_of(stay.restarts.begin(), stay.restarts.end(), restart_seen);
}

Finding undecided(const TimeWaitExpectation& expectation, const std::string& why) {
    Finding finding = failed("timewait", expectation.source, "not decided: " + why);
    finding.undecided = true;
    finding.expected = expected_text(expectation);
    return finding;
}

Finding without_stay(const Story& story, const TimeWaitExpectation& expectation) {
    const std::string name = to_string(expectation.socket);
    const bool known = !sockets_meant(story, expectation.socket).empty();
    Finding finding = failed("timewait", expectation.source,
                             known ? name + " was never in TIME_WAIT" : fmt::format("no socket '{}' was seen", name));
    finding.expected = expected_text(expectation);
    finding.observed = "no TIME_WAIT";
    return finding;
}

}  // namespace

Finding judge(const Story& story, const TimeWaitExpectation& expectation) {
    if (!story.timeline.observed.exact_time_wait) {
        return undecided(expectation,
                         "the observers of this run do not see TIME_WAIT as it happens (its entry, restarts and end)");
    }
    std::optional<Finding> first;
    for (const int socket : sockets_meant(story, expectation.socket)) {
        const std::optional<Stay> stay = stay_of(story, socket);
        if (!stay) continue;
        Finding finding = is_exact(story, *stay)
                              ? finding_of(story, expectation, *stay)
                              : undecided(expectation, "the TIME_WAIT of " + to_string(expectation.socket) +
                                                           " was not seen as it happened");
        if (finding.holds) return finding;
        if (!first) first = std::move(finding);
    }
    return first ? *first : without_stay(story, expectation);
}

}  // namespace tcpwitness
