// The states of a TCP connection (RFC 9293 section 3.3.2), spelled one way on output and every known way on input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tcpwitness {

enum class TcpState : uint8_t {
    closed,
    listen,
    syn_sent,
    syn_rcvd,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait,
};

// "FIN_WAIT_1", "SYN_RCVD", "CLOSED".
std::string_view to_string(TcpState state);

// Accepts FIN_WAIT_1, FIN_WAIT1, FIN-WAIT-1, SYN_RCVD, SYN_RECV, SYN-RECEIVED, TIME-WAIT, CLOSED, CLOSE, in capitals.
std::optional<TcpState> parse_tcp_state(std::string_view text);

// All names as to_string spells them, in the order of the enumeration.
std::vector<std::string> tcp_state_names();

// The kernel's number (include/net/tcp_states.h; 12 is NEW_SYN_RECV), or nothing when there is no such state.
std::optional<TcpState> tcp_state_from_kernel(int kernel_state);

void to_json(nlohmann::json& json, TcpState state);
void from_json(const nlohmann::json& json, TcpState& state);

}  // namespace tcpwitness
