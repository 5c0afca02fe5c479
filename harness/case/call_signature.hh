// The calls that a tcp_actor makes: what arguments each takes and what it gives back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

enum class Parameter : uint8_t {
    socket,          // c
    socket_kind,     // ipv6, AF_INET, SOCK_NONBLOCK, IPPROTO_MPTCP: any number of them, in any order
    address,         // server:7000
    target,          // an address, or AF_UNSPEC
    level,           // SOL_SOCKET
    option,          // SO_LINGER
    option_value,    // {on, 2s}
    tcp_info_field,  // retransmits, behind TCP_INFO
    number,          // 8, or a constant
    payload,         // 1000, or "text"
    length,          // 1000, or all
    message_flags,   // MSG_PEEK
    direction,       // SHUT_WR
    accept_flags,    // SOCK_NONBLOCK
    events,          // POLLIN|POLLOUT
    timeout,         // 200ms, or milliseconds
};

// What a call gives back besides its return value.
enum class Gives : uint8_t { nothing, option_value, address, events, number };

struct CallSignature {
    std::string_view function;
    std::vector<Parameter> parameters;
    size_t required = 0;  // how many of them must be there
    bool makes_socket = false;
    Gives gives = Gives::nothing;
};

// Nothing when tcp_actor has no such call.
const CallSignature* call_signature(std::string_view function);

// All functions, for hints.
std::vector<std::string> call_names();

}  // namespace tcpwitness
