// One TCP segment as it was captured: header fields decoded (RFC 9293 section 3.1, options of RFC 7323, 2018, 7413).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"

namespace tcpwitness {

// Bits of TcpSegment::flags, as they stand in byte 13 of the TCP header.
namespace tcp_flag {
constexpr uint8_t kFin = 0x01;
constexpr uint8_t kSyn = 0x02;
constexpr uint8_t kRst = 0x04;
constexpr uint8_t kPsh = 0x08;
constexpr uint8_t kAck = 0x10;
constexpr uint8_t kUrg = 0x20;
constexpr uint8_t kEce = 0x40;
constexpr uint8_t kCwr = 0x80;
}  // namespace tcp_flag

struct SackBlock {
    uint32_t left = 0;
    uint32_t right = 0;

    auto operator<=>(const SackBlock&) const = default;
};

struct TcpTimestamps {
    uint32_t value = 0;
    uint32_t echo = 0;

    auto operator<=>(const TcpTimestamps&) const = default;
};

// Options that were absent are empty.
struct TcpOptions {
    std::optional<uint16_t> mss;
    std::optional<uint8_t> window_scale;
    bool sack_permitted = false;
    std::vector<SackBlock> sack;
    std::optional<TcpTimestamps> timestamps;
    std::optional<std::string> fast_open_cookie;  // hexadecimal; empty string: a cookie is asked for
    std::vector<uint8_t> unknown_kinds;           // kinds not decoded here, or of a wrong length

    auto operator<=>(const TcpOptions&) const = default;
};

struct TcpSegment {
    SocketAddress source;
    SocketAddress destination;
    uint32_t sequence = 0;        // absolute, as on the wire
    uint32_t acknowledgment = 0;  // absolute; meaningful with ACK
    uint8_t flags = 0;            // tcp_flag bits
    uint16_t window = 0;          // as on the wire, not scaled
    uint16_t urgent_pointer = 0;
    uint32_t payload_length = 0;    // bytes
    uint64_t payload_hash = 0;      // FNV-1a of the captured payload, to tell two segments of equal header apart
    uint8_t ttl = 0;                // or hop limit
    uint8_t traffic_class = 0;      // DSCP and ECN bits of the IP header
    uint16_t ip_id = 0;             // 0 in IPv6
    bool checksum_good = true;      // TCP checksum; true as well when it could not be checked
    bool checksum_checked = false;  // the whole packet was captured and its checksum not left to the device
    TcpOptions options;
    std::string raw;  // the packet from its IP header on, headers whole, payload cut after kRawPayloadLimit

    bool has(uint8_t flag_bits) const { return (flags & flag_bits) == flag_bits; }
    // Sequence space that the segment takes: payload plus one for SYN and one for FIN.
    uint32_t sequence_length() const;

    auto operator<=>(const TcpSegment&) const = default;
};

constexpr size_t kRawPayloadLimit = 64;

// "SYN ACK", "FIN ACK", "PSH ACK", "none".
std::string flags_to_string(uint8_t flags);

// Decodes a packet that starts with its IP header. `captured` may be shorter than the packet (snap length) or longer
// (padding of the link); `offloaded_checksum` says that the capture left the checksum to the device. Nothing when the
// packet is not an unfragmented TCP segment whose headers were captured whole.
std::optional<TcpSegment> decode_tcp_segment(std::string_view captured, bool offloaded_checksum);

void to_json(nlohmann::json& json, const TcpSegment& segment);
void from_json(const nlohmann::json& json, TcpSegment& segment);

}  // namespace tcpwitness
