#include "base/tcp_flags.hh"

#include <array>
#include <utility>

namespace tcpwitness {
namespace {

constexpr std::array<std::pair<std::string_view, uint8_t>, 8> kFlags{{
    {"SYN", 0x02},
    {"FIN", 0x01},
    {"RST", 0x04},
    {"PSH", 0x08},
    {"ACK", 0x10},
    {"URG", 0x20},
    {"ECE", 0x40},
    {"CWR", 0x80},
}};

}  // namespace

std::optional<uint8_t> tcp_flag_bit(std::string_view name) {
    for (const auto& [flag_name, bit] : kFlags) {
        if (flag_name == name) return bit;
    }
    return std::nullopt;
}

std::vector<std::string> tcp_flag_names() {
    std::vector<std::string> names;
    for (const auto& [name, bit] : kFlags) names.emplace_back(name);
    return names;
}

std::string spell_tcp_flags(uint8_t flags) {
    std::string text;
    for (const auto& [name, bit] : kFlags) {
        if ((flags & bit) == 0) continue;
        if (!text.empty()) text += ' ';
        text += name;
    }
    return text;
}

}  // namespace tcpwitness
