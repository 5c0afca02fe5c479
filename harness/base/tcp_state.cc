#include "base/tcp_state.hh"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr std::array<std::string_view, 11> kNames{"CLOSED",     "LISTEN",     "SYN_SENT",   "SYN_RCVD",
                                                  "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
                                                  "CLOSING",    "LAST_ACK",   "TIME_WAIT"};

constexpr std::array<std::pair<std::string_view, TcpState>, 5> kOtherSpellings{{
    {"CLOSE", TcpState::closed},
    {"FIN_WAIT1", TcpState::fin_wait_1},
    {"FIN_WAIT2", TcpState::fin_wait_2},
    {"SYN_RECV", TcpState::syn_rcvd},
    {"SYN_RECEIVED", TcpState::syn_rcvd},
}};

}  // namespace

std::string_view to_string(TcpState state) {
    return kNames.at(static_cast<size_t>(state));
}

std::optional<TcpState> parse_tcp_state(std::string_view text) {
    std::string spelled(text);
    std::replace(spelled.begin(), spelled.end(), '-', '_');
    const auto* name = std::find(kNames.begin(), kNames.end(), spelled);
    if (name != kNames.end()) return static_cast<TcpState>(name - kNames.begin());
    for (const auto& [other, state] : kOtherSpellings) {
        if (spelled == other) return state;
    }
    return std::nullopt;
}

std::vector<std::string> tcp_state_names() {
    return {kNames.begin(), kNames.end()};
}

std::optional<TcpState> tcp_state_from_kernel(int kernel_state) {
    constexpr std::array kByNumber{TcpState::established, TcpState::syn_sent,   TcpState::syn_rcvd, TcpState::fin_wait_1,
                                   TcpState::fin_wait_2,  TcpState::time_wait,  TcpState::closed,   TcpState::close_wait,
                                   TcpState::last_ack,    TcpState::listen,     TcpState::closing,  TcpState::syn_rcvd};
    if (kernel_state < 1 || kernel_state > static_cast<int>(kByNumber.size())) return std::nullopt;
    return kByNumber.at(static_cast<size_t>(kernel_state - 1));
}

void to_json(nlohmann::json& json, TcpState state) {
    json = std::string(to_string(state));
}

void from_json(const nlohmann::json& json, TcpState& state) {
    const std::string name = json.get<std::string>();
    const std::optional<TcpState> parsed = parse_tcp_state(name);
    if (!parsed) throw Error("no TCP state is called '" + name + "'");
    state = *parsed;
}

}  // namespace tcpwitness
