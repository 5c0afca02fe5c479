// What segments draw in each state.
#include <algorithm>
#include <optional>

#include "coverage/event_table.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// An ACK may be delayed by 40 ms (tcp(7), TCP_DELACK_MIN), and by a tick of the clock.
constexpr Duration kLatestAnswer = 60ms;

int32_t distance(uint32_t from, uint32_t to) {
    return static_cast<int32_t>(to - from);
}

// What a socket expects next, and up to where it takes anything: from what its host acknowledged and what arrived
// since.
struct Window {
    uint32_t next = 0;
    uint32_t end = 0;
};

int scale_of(const RunView& run, int socket, size_t before) {
    std::optional<uint8_t> own;
    bool both = false;
    for (size_t i = 0; i < before; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr || !seen->segment.has(tcp_flag::kSyn)) continue;
        if (run.sent_by(*seen, socket)) own = seen->segment.options.window_scale;
        if (run.arrived_at(*seen, socket)) both = seen->segment.options.window_scale.has_value();
    }
    return both ? own.value_or(0) : 0;
}

std::optional<Window> window_of(const RunView& run, int socket, size_t before) {
    std::optional<Window> window;
    const int scale = scale_of(run, socket, before);
    for (size_t i = 0; i < before; ++i) {
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr) continue;
        const TcpSegment& segment = seen->segment;
        if (run.sent_by(*seen, socket) && segment.has(tcp_flag::kAck) && !segment.has(tcp_flag::kRst)) {
            const int shift = segment.has(tcp_flag::kSyn) ? 0 : scale;
            const uint32_t next =
                window && distance(window->next, segment.acknowledgment) < 0 ? window->next : segment.acknowledgment;
            window = Window{next, segment.acknowledgment + (uint32_t{segment.window} << shift)};
        }
        if (window && run.arrived_at(*seen, socket) && segment.checksum_good && segment.sequence == window->next)
            window->next += segment.sequence_length();
    }
    return window;
}

bool reset_fits(const RunView& run, const Arrival& arrival) {
    if (!arrival.socket) return false;
    if (arrival.state == TcpState::syn_sent) {  // it must acknowledge the SYN
        for (size_t i = 0; i < arrival.event; ++i) {
            const auto* seen = run.event<SegmentSeen>(i);
            if (seen == nullptr || !run.sent_by(*seen, *arrival.socket)) continue;
            if (arrival.segment->has(tcp_flag::kAck) && arrival.segment->acknowledgment == seen->segment.sequence + 1)
                return true;
        }
        return false;
    }
    const std::optional<Window> window = window_of(run, *arrival.socket, arrival.event);
    if (!window) return false;
    const int32_t offset = distance(window->next, arrival.segment->sequence);
    return offset == 0 || (offset > 0 && distance(arrival.segment->sequence, window->end) > 0);
}

bool is_old(const RunView& run, const Arrival& arrival) {
    const bool connected = arrival.socket && arrival.state != TcpState::listen && arrival.state != TcpState::syn_sent;
    if (!connected) return false;
    const std::optional<Window> window = window_of(run, *arrival.socket, arrival.event);
    if (!window) return false;
    const TcpSegment& segment = *arrival.segment;
    if (segment.sequence_length() == 0) return distance(window->next, segment.sequence) < 0;
    return distance(window->next, segment.sequence + segment.sequence_length()) <= 0;
}

std::optional<TableEvent> event_of(const RunView& run, const Arrival& arrival) {
    const TcpSegment& segment = *arrival.segment;
    if (segment.has(tcp_flag::kRst)) return reset_fits(run, arrival) ? TableEvent::reset_in : TableEvent::reset_out;
    if (segment.has(tcp_flag::kSyn | tcp_flag::kAck)) return TableEvent::syn_ack;
    if (segment.has(tcp_flag::kSyn)) return TableEvent::syn;
    if (segment.has(tcp_flag::kFin)) return TableEvent::fin;
    if (!segment.has(tcp_flag::kAck)) return std::nullopt;
    if (is_old(run, arrival)) return TableEvent::old_duplicate;
    return segment.payload_length > 0 ? TableEvent::data : TableEvent::ack;
}

// Whether this event ends what the arrival can have drawn: something else came to the same socket.
bool something_else(const RunView& run, const Arrival& arrival, size_t event) {
    if (const auto* seen = run.event<SegmentSeen>(event)) {
        return seen->direction == Direction::arrived && seen->host == arrival.host &&
               seen->segment.source == arrival.segment->source &&
               seen->segment.destination == arrival.segment->destination;
    }
    const auto* call = run.event<Call>(event);
    return call != nullptr && arrival.socket && call->program == run.socket(*arrival.socket).program;
}

std::string flags_of(const TcpSegment& segment) {
    return flags_to_string(segment.flags & static_cast<uint8_t>(~tcp_flag::kPsh));
}

std::string answer_of(const RunView& run, const Arrival& arrival) {
    for (size_t i = arrival.event + 1; i < run.length; ++i) {
        if (run.timeline.events[i].at - arrival.at > kLatestAnswer || something_else(run, arrival, i)) break;
        const auto* seen = run.event<SegmentSeen>(i);
        if (seen == nullptr || seen->direction != Direction::sent || seen->host != arrival.host) continue;
        const bool back = seen->segment.source == arrival.segment->destination &&
                          seen->segment.destination == arrival.segment->source;
        if (back) return flags_of(seen->segment);
    }
    return "nothing";
}

// A request that the arrival began, on the side of the socket that met it.
bool begins_request(const RunView& run, const Arrival& arrival) {
    return std::any_of(run.passages.begin(), run.passages.end(), [&](const Passage& passage) {
        return passage.to == TcpState::syn_rcvd && passage.from == TcpState::listen && passage.segment == arrival.event;
    });
}

std::string after(const RunView& run, const Arrival& arrival) {
    std::string states;
    for (const Passage& passage : run.passages) {
        if (!arrival.socket || passage.socket != *arrival.socket || passage.segment != arrival.event) continue;
        if (passage.at - arrival.at > kHandling) break;
        states += (states.empty() ? "" : " -> ") + std::string(to_string(passage.to));
    }
    if (states.empty()) states = to_string(arrival.state);
    return begins_request(run, arrival) ? states + ", a new SYN_RCVD" : states;
}

}  // namespace

void add_segment_entries(const RunView& run, std::vector<CellEntry>& entries) {
    for (const Arrival& arrival : run.arrivals) {
        const std::optional<TableEvent> event = event_of(run, arrival);
        if (!event) continue;
        entries.push_back({arrival.state, *event, answer_of(run, arrival), after(run, arrival), arrival.event});
    }
}

}  // namespace tcpwitness
