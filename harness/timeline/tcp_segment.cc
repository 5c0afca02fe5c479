#include "timeline/tcp_segment.hh"

#include <array>
#include <utility>

namespace tcpwitness {

uint32_t TcpSegment::sequence_length() const {
    return payload_length + (has(tcp_flag::kSyn) ? 1 : 0) + (has(tcp_flag::kFin) ? 1 : 0);
}

std::string flags_to_string(uint8_t flags) {
    constexpr std::array<std::pair<uint8_t, std::string_view>, 8> kNames{{{tcp_flag::kSyn, "SYN"},
                                                                          {tcp_flag::kFin, "FIN"},
                                                                          {tcp_flag::kRst, "RST"},
                                                                          {tcp_flag::kPsh, "PSH"},
                                                                          {tcp_flag::kAck, "ACK"},
                                                                          {tcp_flag::kUrg, "URG"},
                                                                          {tcp_flag::kEce, "ECE"},
                                                                          {tcp_flag::kCwr, "CWR"}}};
    std::string text;
    for (const auto& [bit, name] : kNames) {
        if ((flags & bit) == 0) continue;
        if (!text.empty()) text += ' ';
        text += name;
    }
    return text.empty() ? "none" : text;
}

}  // namespace tcpwitness
