// Builds Timelines by hand for tests: two hosts, one connection from client:40000 to server:7000, one event a
// millisecond unless a test says otherwise.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "timeline/timeline.hh"

namespace tcpwitness::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint32_t kClientIsn = 4'294'967'000;  // wraps within the first 300 bytes, on purpose
constexpr uint32_t kServerIsn = 5'000;

inline SocketAddress client_address(uint16_t port = 40000) {
    return {*IpAddress::parse("10.0.1.1"), port};
}
inline SocketAddress server_address(uint16_t port = 7000) {
    return {*IpAddress::parse("10.0.2.1"), port};
}

// A segment with numbers relative to the initial ones of the connection.
inline TcpSegment segment_from(const std::string& host, uint8_t flags, uint32_t seq, uint32_t ack,
                               uint32_t length = 0) {
    const bool client = host == "client";
    TcpSegment segment;
    segment.source = client ? client_address() : server_address();
    segment.destination = client ? server_address() : client_address();
    segment.sequence = (client ? kClientIsn : kServerIsn) + seq;
    segment.acknowledgment = (flags & tcp_flag::kAck) != 0 ? (client ? kServerIsn : kClientIsn) + ack : 0;
    segment.flags = flags;
    segment.window = 502;
    segment.payload_length = length;
    segment.ttl = 64;
    return segment;
}

class TimelineBuilder {
  public:
    TimelineBuilder() {
        timeline_.observed = {"6.12.0", {"tp_btf", "fentry", "capture"}, true, true};
        timeline_.addresses["client"] = {client_address().ip, *IpAddress::parse("127.0.0.1")};
        timeline_.addresses["server"] = {server_address().ip, *IpAddress::parse("127.0.0.1")};
        timeline_.complete = true;
    }

    TimelineBuilder& at(Duration time) {
        now_ = time;
        return *this;
    }
    TimelineBuilder& after(Duration time) { return at(now_ + time); }

    TimelineBuilder& add(EventBody body) {
        timeline_.events.push_back({now_, std::move(body)});
        now_ += milliseconds(1);
        return *this;
    }

    // A socket of the connection, or a listener on :7000 when `listener`.
    int socket(const std::string& program, const std::string& name, bool listener = false) {
        Socket socket;
        socket.index = static_cast<int>(timeline_.sockets.size());
        socket.host = program;
        socket.program = program;
        socket.name = name;
        const bool client = program == "client";
        socket.local = client ? client_address() : server_address();
        if (!listener) socket.remote = client ? server_address() : client_address();
        timeline_.sockets.push_back(socket);
        states_.push_back(TcpState::closed);
        return socket.index;
    }

    TimelineBuilder& state(int socket, TcpState to, Source source = Source::tracepoint, const std::string& cause = {}) {
        StateChange change{socket, states_.at(static_cast<size_t>(socket)), to, source, cause};
        states_[static_cast<size_t>(socket)] = to;
        return add(change);
    }
    TimelineBuilder& states(int socket, const std::vector<TcpState>& all) {
        for (const TcpState each : all) state(socket, each);
        return *this;
    }

    // For a change that was added by hand.
    void set_state(int socket, TcpState state) { states_[static_cast<size_t>(socket)] = state; }

    TimelineBuilder& sent(const std::string& host, const TcpSegment& segment) {
        return add(SegmentSeen{host, "eth0", Direction::sent, segment});
    }
    TimelineBuilder& arrived(const std::string& host, TcpSegment segment) {
        segment.ttl -= 1;
        return add(SegmentSeen{host, "eth0", Direction::arrived, std::move(segment)});
    }
    // Sent by one host and, a millisecond later, seen at the other.
    TimelineBuilder& segment(const std::string& host, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t length = 0) {
        const TcpSegment segment = segment_from(host, flags, seq, ack, length);
        return sent(host, segment).arrived(host == "client" ? "server" : "client", segment);
    }
    TimelineBuilder& lost(const std::string& host, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t length = 0) {
        return sent(host, segment_from(host, flags, seq, ack, length));
    }
    TimelineBuilder& forged(const std::string& host, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t length = 0) {
        return arrived(host == "client" ? "server" : "client", segment_from(host, flags, seq, ack, length));
    }

    TimelineBuilder& end_story() { return add(StoryEnded{}); }

    Timeline& timeline() { return timeline_; }
    Instant now() const { return now_; }

    // The Timeline, its events ordered by time, with the end of the story at the present time unless it was said
    // before.
    Timeline finish() {
        if (story_length(timeline_) == timeline_.events.size()) end_story();
        std::stable_sort(timeline_.events.begin(), timeline_.events.end(),
                         [](const Event& a, const Event& b) { return a.at < b.at; });
        return timeline_;
    }

  private:
    Timeline timeline_;
    std::vector<TcpState> states_;
    Instant now_ = milliseconds(1);
};

}  // namespace tcpwitness::testing
