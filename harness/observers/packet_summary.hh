// What a packet that is not TCP says, in words, for PacketSeen: ICMP and ICMPv6 above all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tcpwitness {

// `packet` starts with its IP header and may be cut. Nothing for what only keeps the link going: neighbour discovery,
// multicast listener and group reports; and for what is neither IPv4 nor IPv6.
std::optional<std::string> packet_summary(std::string_view packet);

}  // namespace tcpwitness
