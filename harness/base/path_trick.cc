#include "base/path_trick.hh"

#include <fmt/core.h>

#include <array>

namespace tcpwitness {
namespace {

constexpr std::array<std::string_view, 3> kWays{"client > server", "server > client", "both"};
constexpr std::array<std::string_view, 6> kFaults{"drop", "delay", "duplicate", "reorder", "corrupt", "hold"};

template <typename... Wanted>
bool is_one_of(const PathTrick& trick) {
    return (std::holds_alternative<Wanted>(trick) || ...);
}

}  // namespace

std::string_view to_string(Way way) {
    return kWays.at(static_cast<size_t>(way));
}

std::optional<Way> parse_way(std::string_view text) {
    for (size_t i = 0; i < kWays.size(); ++i) {
        if (kWays[i] == text) return static_cast<Way>(i);
    }
    return std::nullopt;
}

Way opposite(Way way) {
    if (way == Way::both) return Way::both;
    return way == Way::to_server ? Way::to_client : Way::to_server;
}

std::string to_string(const NumberTest& test) {
    return fmt::format("{}{}", to_string(test.relation), to_string(test.number));
}

std::string_view to_string(FaultKind kind) {
    return kFaults.at(static_cast<size_t>(kind));
}

const std::vector<std::string>& connection_number_names() {
    static const std::vector<std::string> kNames{"isn",     "iss",     "irs",     "snd_una", "snd_nxt",
                                                 "rcv_nxt", "snd_wnd", "rcv_wnd", "ts_val",  "ts_recent"};
    return kNames;
}

bool needs_forwarder(const PathTrick& trick) {
    return is_one_of<FaultTrick, ReleaseTrick, BlackholeTrick, ReplayTrick, MoveTrick>(trick);
}

}  // namespace tcpwitness
