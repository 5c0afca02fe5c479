// What a step can await or check: a socket's state, a field of tcp_info, a program's end, a segment, a counter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/comparison.hh"
#include "base/tcp_state.hh"

namespace tcpwitness {

// Stands for every local port: "server :*".
constexpr uint16_t kAnyPort = 0;

// Is a socket with the local port `port` meant by `wanted`, a port or kAnyPort?
constexpr bool is_port_meant(uint16_t wanted, uint16_t port) {
    return wanted == kAnyPort || wanted == port;
}

// Which socket a condition or expectation speaks of.
struct SocketReference {
    std::string host;
    std::string program;           // with `name`
    std::string name;              // "c"; empty: any socket of `host` on `port`
    std::optional<uint16_t> port;  // local port, or kAnyPort
};

std::string to_string(const SocketReference& reference);  // "client c", "server :7000"

struct StateCondition {
    static constexpr std::string_view kKind = "state";
    SocketReference socket;
    TcpState state = TcpState::closed;
};

// "client c tcp_info.retransmits >= 2": a field of struct tcp_info without its tcpi_ prefix.
struct TcpInfoCondition {
    static constexpr std::string_view kKind = "tcp_info";
    SocketReference socket;
    std::string field;
    Comparison comparison;
};

// "nginx exit", "nginx exit = 0", "first exit = SIGINT"
struct ExitCondition {
    static constexpr std::string_view kKind = "exit";
    std::string program;
    std::optional<int> exit_status;
    std::optional<int> signal;
};

// "client > server FIN": such a segment was seen where it arrives.
struct SegmentCondition {
    static constexpr std::string_view kKind = "segment";
    std::string from;
    std::string to;
    uint8_t flags = 0;
    std::optional<Comparison> payload_length;
};

// "server TcpExt.ListenDrops >= 1"
struct CounterCondition {
    static constexpr std::string_view kKind = "counter";
    std::string host;
    std::string counter;
    Comparison comparison;
};

// "path hold": such a fault has hit a segment.
struct FaultCondition {
    static constexpr std::string_view kKind = "fault";
    std::string fault;
};

using Condition = std::variant<StateCondition, TcpInfoCondition, ExitCondition, SegmentCondition, CounterCondition,
                               FaultCondition>;

std::string to_string(const Condition& condition);

}  // namespace tcpwitness
