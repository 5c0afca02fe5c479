#include "verdict/story.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {

Story::Story(const Plan& its_plan, const Timeline& its_timeline)
    : plan(its_plan), timeline(its_timeline), length(story_length(its_timeline)), end(end_of_story(its_timeline)) {
    for (const Journey& journey : tcpwitness::journeys(timeline)) {
        const size_t began = journey.sent && !journey.copy ? *journey.sent : *journey.arrived;
        if (began < length) journeys.push_back(journey);
    }
}

std::vector<int> sockets_meant(const Story& story, const SocketReference& reference) {
    std::vector<int> meant;
    for (const Socket& socket : story.timeline.sockets) {
        if (!reference.host.empty() && socket.host != reference.host) continue;
        const bool named = socket.program == reference.program && socket.name == reference.name;
        const bool on_port = reference.port && is_port_meant(*reference.port, socket.local.port);
        if (reference.name.empty() ? on_port : named) meant.push_back(socket.index);
    }
    return meant;
}

bool from_host_to_host(const Story& story, const Journey& journey, const std::string& from, const std::string& to) {
    return sender_of(story.timeline, journey) == from && receiver_of(story.timeline, journey) == to;
}

bool flags_match(uint8_t expected, uint8_t observed) {
    constexpr uint8_t kOnlyIfNamed = tcp_flag::kPsh | tcp_flag::kEce | tcp_flag::kCwr;
    const auto minded = static_cast<uint8_t>(~kOnlyIfNamed | expected);
    return (observed & minded) == expected;
}

std::string flags_text(uint8_t flags) {
    return flags == 0 ? std::string() : flags_to_string(flags);
}

Finding failed(std::string kind, SourceLine source, std::string message) {
    Finding finding;
    finding.kind = std::move(kind);
    finding.source = std::move(source);
    finding.message = std::move(message);
    return finding;
}

std::string counted(int64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string range_text(const DurationRange& range) {
    if (range.most == Duration::max()) return "at least " + format_duration(range.least);
    if (range.least == range.most) return "exactly " + format_duration(range.least);
    if (range.least <= Duration{}) return "at most " + format_duration(range.most);
    return fmt::format("{} to {}", format_duration(range.least), format_duration(range.most));
}

Lasting judge_duration(const DurationRange& range, Duration lasted, bool ended) {
    if (lasted > range.most) return Lasting::wrong;
    if (ended) return lasted >= range.least ? Lasting::fits : Lasting::wrong;
    const bool no_upper_bound = range.most == Duration::max();
    return no_upper_bound && lasted >= range.least ? Lasting::fits : Lasting::not_ended;
}

}  // namespace tcpwitness
