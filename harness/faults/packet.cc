#include "faults/packet.hh"

#include <netinet/in.h>

#include <cstdint>

namespace tcpwitness {
namespace {

constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
constexpr size_t kTcpHeader = 20;
constexpr size_t kIpv4Checksum = 10;
constexpr size_t kTcpChecksum = 16;

uint8_t byte_at(std::string_view bytes, size_t offset) {
    return static_cast<uint8_t>(bytes[offset]);
}

uint16_t word_at(std::string_view bytes, size_t offset) {
    return static_cast<uint16_t>(byte_at(bytes, offset) << 8 | byte_at(bytes, offset + 1));
}

void set_word(std::string& bytes, size_t offset, uint16_t value) {
    bytes[offset] = static_cast<char>(value >> 8);
    bytes[offset + 1] = static_cast<char>(value & 0xff);
}

int version_of(std::string_view packet) {
    if (packet.empty()) return 0;
    const int version = byte_at(packet, 0) >> 4;
    if (version == 4 && packet.size() >= kIpv4Header) return 4;
    if (version == 6 && packet.size() >= kIpv6Header) return 6;
    return 0;
}

// RFC 1624, equation 3: HC' = ~(~HC + ~m + m').
void adjust(std::string& packet, size_t checksum, uint16_t before, uint16_t after) {
    uint32_t sum = static_cast<uint16_t>(~word_at(packet, checksum)) + static_cast<uint16_t>(~before) + uint32_t{after};
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    set_word(packet, checksum, static_cast<uint16_t>(~sum));
}

// Replaces a word that the checksums at the two places cover; 0: not covered.
void replace_word(std::string& packet, size_t offset, uint16_t value, size_t ip_checksum, size_t tcp_checksum) {
    const uint16_t before = word_at(packet, offset);
    set_word(packet, offset, value);
    if (ip_checksum != 0) adjust(packet, ip_checksum, before, value);
    if (tcp_checksum != 0) adjust(packet, tcp_checksum, before, value);
}

void set_end(std::string& packet, const SocketAddress& end, size_t address_offset, size_t port_offset) {
    const size_t tcp = *tcp_offset(packet);
    const size_t ip_checksum = end.ip.family == Family::ipv4 ? kIpv4Checksum : 0;
    for (size_t i = 0; i < end.ip.size(); i += 2) {
        const auto word = static_cast<uint16_t>(end.ip.bytes[i] << 8 | end.ip.bytes[i + 1]);
        replace_word(packet, address_offset + i, word, ip_checksum, tcp + kTcpChecksum);
    }
    replace_word(packet, tcp + port_offset, end.port, 0, tcp + kTcpChecksum);
}

}  // namespace

std::optional<IpAddress> destination_of(std::string_view packet) {
    switch (version_of(packet)) {
        case 4:
            return IpAddress::from_bytes(Family::ipv4, packet.data() + 16);
        case 6:
            return IpAddress::from_bytes(Family::ipv6, packet.data() + 24);
        default:
            return std::nullopt;
    }
}

std::optional<size_t> tcp_offset(std::string_view packet) {
    constexpr uint16_t kMoreFragmentsAndOffset = 0x3fff;
    size_t offset = 0;
    if (version_of(packet) == 4) {
        offset = static_cast<size_t>(byte_at(packet, 0) & 15) * 4;
        if (byte_at(packet, 9) != IPPROTO_TCP || (word_at(packet, 6) & kMoreFragmentsAndOffset) != 0) return {};
    } else if (version_of(packet) == 6) {
        offset = kIpv6Header;
        uint8_t kind = byte_at(packet, 6);
        while (kind == IPPROTO_HOPOPTS || kind == IPPROTO_ROUTING || kind == IPPROTO_DSTOPTS) {
            if (packet.size() < offset + 8) return {};
            kind = byte_at(packet, offset);
            offset += (byte_at(packet, offset + 1) + size_t{1}) * 8;
        }
        if (kind != IPPROTO_TCP) return {};
    } else {
        return {};
    }
    return packet.size() >= offset + kTcpHeader ? std::optional(offset) : std::nullopt;
}

bool take_hop(std::string& packet) {
    const int version = version_of(packet);
    if (version == 0) return false;
    const size_t offset = version == 4 ? 8 : 7;
    if (byte_at(packet, offset) <= 1) return false;
    if (version == 4) {
        replace_word(packet, offset, static_cast<uint16_t>(word_at(packet, offset) - 0x100), kIpv4Checksum, 0);
    } else {
        --packet[offset];
    }
    return true;
}

bool forbids_fragments(std::string_view packet) {
    constexpr uint16_t kDontFragment = 0x4000;
    return version_of(packet) == 6 || (version_of(packet) == 4 && (word_at(packet, 6) & kDontFragment) != 0);
}

bool flip_tcp_bit(std::string& packet, std::optional<int> bit) {
    const std::optional<size_t> tcp = tcp_offset(packet);
    if (!tcp) return false;
    const size_t bits = (packet.size() - *tcp) * 8;
    const size_t chosen = bit ? static_cast<size_t>(*bit) : bits - 1;
    if (chosen >= bits) return false;
    packet[*tcp + chosen / 8] ^= static_cast<char>(0x80 >> chosen % 8);
    return true;
}

void set_source(std::string& packet, const SocketAddress& source) {
    set_end(packet, source, source.ip.family == Family::ipv4 ? 12 : 8, 0);
}

void set_destination(std::string& packet, const SocketAddress& destination) {
    set_end(packet, destination, destination.ip.family == Family::ipv4 ? 16 : 24, 2);
}

void set_sequence(std::string& packet, uint32_t sequence) {
    const size_t offset = tcp_offset(packet).value() + 4;
    set_word(packet, offset, static_cast<uint16_t>(sequence >> 16));
    set_word(packet, offset + 2, static_cast<uint16_t>(sequence & 0xffff));
}

}  // namespace tcpwitness
