#include "timeline/timeline.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {

std::string to_string(const Socket& socket) {
    if (!socket.name.empty()) return fmt::format("{} {}", socket.program, socket.name);
    const std::string local = fmt::format("{} {}", socket.host, to_string(socket.local));
    return socket.remote ? fmt::format("{} > {}", local, to_string(*socket.remote)) : local;
}

size_t story_length(const Timeline& timeline) {
    const auto end = std::find_if(timeline.events.begin(), timeline.events.end(),
                                  [](const Event& event) { return std::holds_alternative<StoryEnded>(event.body); });
    return static_cast<size_t>(end - timeline.events.begin());
}

Instant end_of_story(const Timeline& timeline) {
    if (timeline.events.empty()) return Instant{};
    const size_t length = story_length(timeline);
    return length < timeline.events.size() ? timeline.events[length].at : timeline.events.back().at;
}

std::vector<StateSpan> states_of(const Timeline& timeline, int socket) {
    std::vector<StateSpan> spans;
    const size_t length = story_length(timeline);
    for (size_t i = 0; i < length; ++i) {
        const auto* change = std::get_if<StateChange>(&timeline.events[i].body);
        if (change == nullptr || change->socket != socket) continue;
        if (!spans.empty() && spans.back().state == change->to) continue;
        if (!spans.empty()) spans.back().ended = timeline.events[i].at;
        spans.push_back({change->to, timeline.events[i].at, std::nullopt, change->source, i});
    }
    return spans;
}

namespace {

// The host that has `ip`. Loopback addresses are every host's, so the host where the segment was seen comes first.
std::string host_of(const Timeline& timeline, const IpAddress& ip, const std::string& seen_at) {
    const auto has = [&ip](const std::vector<IpAddress>& addresses) {
        return std::find(addresses.begin(), addresses.end(), ip) != addresses.end();
    };
    const auto here = timeline.addresses.find(seen_at);
    if (here != timeline.addresses.end() && has(here->second)) return seen_at;
    for (const auto& [host, addresses] : timeline.addresses) {
        if (has(addresses)) return host;
    }
    return {};
}

const SegmentSeen& seen(const Timeline& timeline, size_t event) {
    return std::get<SegmentSeen>(timeline.events.at(event).body);
}

}  // namespace

const TcpSegment& segment_of(const Timeline& timeline, const Journey& journey) {
    return seen(timeline, journey.sent ? *journey.sent : journey.arrived.value()).segment;
}

std::string sender_of(const Timeline& timeline, const Journey& journey) {
    if (journey.sent) return seen(timeline, *journey.sent).host;
    const SegmentSeen& arrival = seen(timeline, journey.arrived.value());
    return host_of(timeline, arrival.segment.source.ip, arrival.host);
}

std::string receiver_of(const Timeline& timeline, const Journey& journey) {
    if (journey.arrived) return seen(timeline, *journey.arrived).host;
    const SegmentSeen& sending = seen(timeline, journey.sent.value());
    return host_of(timeline, sending.segment.destination.ip, sending.host);
}

}  // namespace tcpwitness
