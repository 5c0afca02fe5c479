#include "network/forge.hh"

#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr size_t kIpv4Header = 20;
constexpr size_t kTcpHeader = 20;
constexpr size_t kLongestOptions = 40;
constexpr size_t kLongestIcmpv4 = 576;   // RFC 1812 section 4.3.2.3
constexpr size_t kLongestIcmpv6 = 1280;  // RFC 4443 section 3: as much as fits the minimum MTU
constexpr size_t kIpv6Header = 40;
constexpr size_t kIcmpHeader = 8;

void put8(std::string& bytes, unsigned value) {
    bytes += static_cast<char>(value & 0xff);
}

void put16(std::string& bytes, unsigned value) {
    put8(bytes, value >> 8);
    put8(bytes, value);
}

void put32(std::string& bytes, uint32_t value) {
    put16(bytes, value >> 16);
    put16(bytes, value & 0xffff);
}

void set16(std::string& bytes, size_t at, unsigned value) {
    bytes.at(at) = static_cast<char>(value >> 8 & 0xff);
    bytes.at(at + 1) = static_cast<char>(value & 0xff);
}

std::string bytes_of(const IpAddress& address) {
    return {reinterpret_cast<const char*>(address.bytes.data()), address.size()};
}

struct IpFields {
    IpAddress source;
    IpAddress destination;
    uint8_t protocol = 0;
    uint8_t ttl = 64;
    uint8_t traffic_class = 0;
    uint16_t id = 0;
};

std::string ipv4_packet(const IpFields& ip, const std::string& content) {
    constexpr unsigned kDoNotFragment = 0x4000;
    std::string header;
    put8(header, 0x45);
    put8(header, ip.traffic_class);
    put16(header, static_cast<unsigned>(kIpv4Header + content.size()));
    put16(header, ip.id);
    put16(header, kDoNotFragment);
    put8(header, ip.ttl);
    put8(header, ip.protocol);
    put16(header, 0);
    header += bytes_of(ip.source) + bytes_of(ip.destination);
    set16(header, 10, checksum_finish(checksum_sum(header)));
    return header + content;
}

std::string ipv6_packet(const IpFields& ip, const std::string& content) {
    std::string header;
    put32(header, 6U << 28 | uint32_t{ip.traffic_class} << 20);
    put16(header, static_cast<unsigned>(content.size()));
    put8(header, ip.protocol);
    put8(header, ip.ttl);
    return header + bytes_of(ip.source) + bytes_of(ip.destination) + content;
}

std::string ip_packet(const IpFields& ip, const std::string& content) {
    if (ip.source.family != ip.destination.family) {
        throw Error(
            fmt::format("a packet from {} to {}: two families", to_string(ip.source), to_string(ip.destination)));
    }
    if (content.size() > 65535 - kIpv4Header) throw Error("a forged packet is longer than 65535 bytes");
    return ip.source.family == Family::ipv4 ? ipv4_packet(ip, content) : ipv6_packet(ip, content);
}

// RFC 9293 section 3.1 and RFC 8200 section 8.1: the same sum for both, IPv4's length and protocol in other places of
// it.
uint32_t pseudo_header_sum(const IpFields& ip, size_t length) {
    std::string header = bytes_of(ip.source) + bytes_of(ip.destination);
    put32(header, static_cast<uint32_t>(length));
    put32(header, ip.protocol);
    return checksum_sum(header);
}

void set_checksum(std::string& content, size_t at, uint32_t sum, bool bad) {
    const uint16_t good = checksum_finish(checksum_sum(content, sum));
    set16(content, at, bad ? good ^ 1U : good);
}

}  // namespace

uint32_t checksum_sum(std::string_view bytes, uint32_t sum) {
    for (size_t i = 0; i < bytes.size(); ++i) {
        const uint32_t byte = static_cast<uint8_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8 : byte;
    }
    return sum;
}

uint16_t checksum_finish(uint32_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(~sum);
}

std::string forge_segment(const ForgedSegment& segment) {
    std::string options = segment.options;
    options.resize((options.size() + 3) / 4 * 4, '\0');
    if (options.size() > kLongestOptions) throw Error("TCP options are longer than 40 bytes");
    const auto offset = static_cast<unsigned>((kTcpHeader + options.size()) / 4);
    std::string tcp;
    put16(tcp, segment.source.port);
    put16(tcp, segment.destination.port);
    put32(tcp, segment.sequence);
    put32(tcp, segment.acknowledgment);
    put8(tcp, segment.data_offset.value_or(static_cast<uint8_t>(offset)) << 4);
    put8(tcp, segment.flags);
    put16(tcp, segment.window);
    put16(tcp, 0);
    put16(tcp, segment.urgent_pointer);
    tcp += options + segment.payload;
    const IpFields ip{segment.source.ip, segment.destination.ip, IPPROTO_TCP,
                      segment.ttl,       segment.traffic_class,  segment.ip_id};
    set_checksum(tcp, 16, pseudo_header_sum(ip, tcp.size()), segment.bad_checksum);
    return ip_packet(ip, tcp);
}

std::string forge_icmp_error(const ForgedIcmpError& error) {
    const bool ipv4 = error.destination.family == Family::ipv4;
    const size_t room = (ipv4 ? kLongestIcmpv4 - kIpv4Header : kLongestIcmpv6 - kIpv6Header) - kIcmpHeader;
    std::string icmp;
    put8(icmp, error.type);
    put8(icmp, error.code);
    put16(icmp, 0);
    put32(icmp, error.rest);
    icmp += error.quoted.substr(0, room);
    const auto protocol = ipv4 ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
    const IpFields ip{error.source, error.destination, protocol, error.ttl, 0, 0};
    set_checksum(icmp, 2, ipv4 ? 0 : pseudo_header_sum(ip, icmp.size()), error.bad_checksum);
    return ip_packet(ip, icmp);
}

namespace tcp_option {

std::string mss(uint16_t bytes) {
    std::string option("\x02\x04", 2);
    put16(option, bytes);
    return option;
}

std::string window_scale(uint8_t shift) {
    std::string option("\x03\x03", 2);
    put8(option, shift);
    return option;
}

std::string sack_permitted() {
    return {"\x04\x02", 2};
}

std::string sack(const std::vector<std::pair<uint32_t, uint32_t>>& blocks) {
    std::string option("\x05", 1);
    put8(option, static_cast<unsigned>(2 + 8 * blocks.size()));
    for (const auto& [left, right] : blocks) {
        put32(option, left);
        put32(option, right);
    }
    return option;
}

std::string timestamps(uint32_t value, uint32_t echo) {
    std::string option("\x08\x0a", 2);
    put32(option, value);
    put32(option, echo);
    return option;
}

std::string no_operation() {
    return {"\x01", 1};
}

std::string unknown(uint8_t kind, std::string_view data) {
    std::string option;
    put8(option, kind);
    put8(option, static_cast<unsigned>(2 + data.size()));
    return option + std::string(data);
}

}  // namespace tcp_option

}  // namespace tcpwitness
