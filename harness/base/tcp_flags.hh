// TCP header flags as cases spell them: names to the bits of byte 13 of the TCP header and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

// The bit of "SYN", "FIN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"; nothing for any other word.
std::optional<uint8_t> tcp_flag_bit(std::string_view name);

// The names above, in the order in which segments are spelled: "SYN ACK", "FIN ACK", "PSH ACK".
std::vector<std::string> tcp_flag_names();

// "SYN ACK"; empty for no flags.
std::string spell_tcp_flags(uint8_t flags);

}  // namespace tcpwitness
