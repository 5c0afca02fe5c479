// What is left at a host when the story ends.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "verdict/case_sockets.hh"
#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

std::string spell(const std::vector<std::pair<TcpState, std::string>>& states) {
    if (states.empty()) return "none";
    std::string text;
    for (const auto& [state, count] : states) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", to_string(state), count);
    }
    return "{" + text + "}";
}

std::string sockets_in(const Story& story, const std::string& host, TcpState state) {
    std::string text;
    for (const SocketLeft& left : story.timeline.sockets_left) {
        if (left.host != host || left.state != state || !is_of_the_case(story.timeline, left)) continue;
        text += (text.empty() ? "" : ", ") + to_string(left.local);
        if (left.remote) text += " > " + to_string(*left.remote);
    }
    return text.empty() ? text : " (" + text + ")";
}

// The last changes into `state` at `host`.
std::vector<size_t> evidence_of(const Story& story, const std::string& host, TcpState state) {
    std::vector<size_t> events;
    for (const Socket& socket : story.timeline.sockets) {
        if (socket.host != host) continue;
        const std::vector<StateSpan> spans = states_of(story.timeline, socket.index);
        if (!spans.empty() && spans.back().state == state) events.push_back(spans.back().event);
    }
    std::sort(events.begin(), events.end());
    return events;
}

}  // namespace

Finding judge(const Story& story, const SocketsExpectation& expectation) {
    std::map<TcpState, int64_t> counts;
    for (const SocketLeft& left : story.timeline.sockets_left) {
        if (left.host == expectation.host && is_of_the_case(story.timeline, left)) ++counts[left.state];
    }
    std::map<TcpState, Comparison> wanted;
    for (const auto& [state, count] : expectation.states) {
        wanted.emplace(state, count);
        counts.try_emplace(state, 0);
    }
    Finding finding = failed("sockets", expectation.source, {});
    std::vector<std::pair<TcpState, std::string>> expected_words;
    std::vector<std::pair<TcpState, std::string>> observed_words;
    for (const auto& [state, count] : wanted) expected_words.emplace_back(state, to_string(count));
    for (const auto& [state, count] : counts) {
        const auto found = wanted.find(state);
        const Comparison expected = found == wanted.end() ? Comparison{} : found->second;
        if (count != 0 || found != wanted.end()) observed_words.emplace_back(state, fmt::format("{}", count));
        if (expected.holds(count) || !finding.message.empty()) continue;
        finding.message = fmt::format("{} has {} in {} at the end of the story{}; {} was expected", expectation.host,
                                      counted(count, "socket"), to_string(state),
                                      sockets_in(story, expectation.host, state), to_string(expected));
        finding.evidence = evidence_of(story, expectation.host, state);
    }
    finding.holds = finding.message.empty();
    finding.expected = spell(expected_words);
    finding.observed = spell(observed_words);
    if (finding.holds) return finding;
    const auto differ = std::mismatch(finding.expected.begin(), finding.expected.end(), finding.observed.begin(),
                                      finding.observed.end());
    finding.expected_mark = static_cast<size_t>(differ.first - finding.expected.begin());
    finding.observed_mark = finding.expected_mark;
    return finding;
}

}  // namespace tcpwitness
