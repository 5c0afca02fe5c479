// Packets that no host's kernel made: TCP segments and ICMP errors as plain values turned into bytes. Pure;
// packet_sender.hh puts them on a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hh"

namespace tcpwitness {

struct ForgedSegment {
    SocketAddress source;
    SocketAddress destination;
    uint32_t sequence = 0;
    uint32_t acknowledgment = 0;
    uint8_t flags = 0;  // FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128
    uint16_t window = 65535;
    uint16_t urgent_pointer = 0;
    std::string options;  // TCP options as bytes, see tcp_option; padded with end-of-list to a multiple of 4
    std::string payload;
    uint8_t ttl = 64;                    // or hop limit
    uint8_t traffic_class = 0;           // DSCP and ECN bits
    uint16_t ip_id = 0;                  // IPv4 only
    bool bad_checksum = false;           // of TCP: wrong by one bit
    std::optional<uint8_t> data_offset;  // in words of 4 bytes, in place of the right one
};

// The packet from its IP header on. Throws Error when the addresses are of two families, the options are longer than 40
// bytes or the packet is longer than 65535.
std::string forge_segment(const ForgedSegment& segment);

// An ICMP or ICMPv6 error (RFC 792, RFC 4443) about a packet.
struct ForgedIcmpError {
    IpAddress source;       // who complains
    IpAddress destination;  // to whom; decides the protocol
    uint8_t type = 0;       // of ICMP or ICMPv6
    uint8_t code = 0;
    uint32_t rest = 0;   // the header's second word: the MTU of "fragmentation needed" and "packet too big"
    std::string quoted;  // the packet it is about, from its IP header on; cut to what the RFC allows
    uint8_t ttl = 64;
    bool bad_checksum = false;
};

std::string forge_icmp_error(const ForgedIcmpError& error);

// TCP options as bytes, to be joined.
namespace tcp_option {
std::string mss(uint16_t bytes);
std::string window_scale(uint8_t shift);
std::string sack_permitted();
std::string sack(const std::vector<std::pair<uint32_t, uint32_t>>& blocks);
std::string timestamps(uint32_t value, uint32_t echo);
std::string no_operation();
std::string unknown(uint8_t kind, std::string_view data);
}  // namespace tcp_option

// The Internet checksum (RFC 1071) of `bytes`, added to `sum`; not yet folded or inverted.
uint32_t checksum_sum(std::string_view bytes, uint32_t sum = 0);
uint16_t checksum_finish(uint32_t sum);

}  // namespace tcpwitness
