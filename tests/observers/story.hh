// Hand-made observations for the unit tests: addresses, segments, and states as one line of text.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "observers/socket_histories.hh"
#include "observers/socket_table.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

inline const SocketAddress kClient = *SocketAddress::parse("10.0.1.1:40000");
inline const SocketAddress kServer = *SocketAddress::parse("10.0.2.1:7000");

inline Instant ms(int64_t number) {
    return std::chrono::milliseconds(number);
}

// What happened to each socket since the last look, "SYN_SENT ESTABLISHED"; with what is not plain in brackets.
class Lines {
  public:
    explicit Lines(SocketHistories& histories) : histories_(histories) {}

    const std::vector<Event>& events() {
        for (Event& event : histories_.take_events()) events_.push_back(std::move(event));
        std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
        return events_;
    }

    std::string states(int socket) {
        std::string line;
        for (const Event& event : events()) {
            const auto* change = std::get_if<StateChange>(&event.body);
            const auto* restart = std::get_if<TimeWaitRestart>(&event.body);
            std::string word;
            if (change != nullptr && change->socket == socket) {
                word = std::string(to_string(change->to));
                if (change->source == Source::inferred) word += "(inferred)";
                if (!change->cause.empty()) word += "(" + change->cause + ")";
            }
            if (restart != nullptr && restart->socket == socket) word = "restart";
            if (!word.empty()) line += (line.empty() ? "" : " ") + word;
        }
        return line;
    }

    // When the socket last entered a state; -1 ms: never.
    Instant entered(int socket, TcpState state) {
        Instant at = ms(-1);
        for (const Event& event : events()) {
            const auto* change = std::get_if<StateChange>(&event.body);
            if (change != nullptr && change->socket == socket && change->to == state) at = event.at;
        }
        return at;
    }

  private:
    SocketHistories& histories_;
    std::vector<Event> events_;
};

inline TcpSegment segment(const SocketAddress& from, const SocketAddress& to, uint8_t flags, uint32_t sequence,
                          uint32_t acknowledgment, uint32_t length = 0) {
    TcpSegment made;
    made.source = from;
    made.destination = to;
    made.flags = flags;
    made.sequence = sequence;
    made.acknowledgment = acknowledgment;
    made.payload_length = length;
    return made;
}

}  // namespace tcpwitness
