// Changes to IP packets as bytes, with the checksums kept right: what a router, a NAT and a bad line do to them.
// Pure; every packet starts with its IP header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hh"

namespace tcpwitness {

// Nothing when the packet is neither IPv4 nor IPv6 with its whole header.
std::optional<IpAddress> destination_of(std::string_view packet);

// Where the TCP header starts; nothing when it is no unfragmented TCP packet.
std::optional<size_t> tcp_offset(std::string_view packet);

// One hop of a router: the time to live is one less, its checksum adjusted (RFC 1624). False: it had no hop left.
bool take_hop(std::string& packet);

// An IPv4 packet that must not be fragmented, or an IPv6 packet.
bool forbids_fragments(std::string_view packet);

// Flips one bit, counted from the start of the TCP header (bit 0 is the highest of the first byte); absent: the last
// bit of the packet. No checksum is adjusted. False: the packet has no such bit.
bool flip_tcp_bit(std::string& packet, std::optional<int> bit);

// Replaces address and port of one end; IP and TCP checksums are adjusted, so that a bad one stays bad. The packet is
// TCP and of the address's family.
void set_source(std::string& packet, const SocketAddress& source);
void set_destination(std::string& packet, const SocketAddress& destination);

// Replaces the sequence number of a TCP packet; its checksum is left as it is.
void set_sequence(std::string& packet, uint32_t sequence);

}  // namespace tcpwitness
