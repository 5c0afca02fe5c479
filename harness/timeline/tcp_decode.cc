// Packets as captured → TcpSegment. Every read is bounded by what was captured; what does not parse is nothing.
#include <netinet/in.h>

#include <cstddef>

#include "timeline/tcp_segment.hh"

namespace tcpwitness {
namespace {

constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;
constexpr size_t kTcpHeader = 20;

// Numbers in network order. The callers have checked that the bytes are there.
uint8_t byte_at(std::string_view bytes, size_t offset) {
    return static_cast<uint8_t>(bytes[offset]);
}

uint16_t word_at(std::string_view bytes, size_t offset) {
    return static_cast<uint16_t>(byte_at(bytes, offset) << 8 | byte_at(bytes, offset + 1));
}

uint32_t long_at(std::string_view bytes, size_t offset) {
    return static_cast<uint32_t>(word_at(bytes, offset)) << 16 | word_at(bytes, offset + 2);
}

// What the IP header says of the TCP segment behind it.
struct IpEnvelope {
    IpAddress source;
    IpAddress destination;
    uint8_t ttl = 0;
    uint8_t traffic_class = 0;
    uint16_t id = 0;
    size_t header_length = 0;  // of all IP headers
    size_t total_length = 0;   // of the packet on the wire
    bool final_destination =
        true;  // false: a routing header says that the packet goes further, the checksum is not for here
};

std::optional<IpEnvelope> decode_ipv4(std::string_view packet) {
    constexpr uint16_t kMoreFragmentsAndOffset = 0x3fff;
    if (packet.size() < kIpv4Header) return std::nullopt;
    IpEnvelope ip;
    ip.header_length = static_cast<size_t>(byte_at(packet, 0) & 15) * 4;
    ip.total_length = word_at(packet, 2);
    if (ip.header_length < kIpv4Header || ip.total_length < ip.header_length) return std::nullopt;
    if (byte_at(packet, 9) != IPPROTO_TCP || (word_at(packet, 6) & kMoreFragmentsAndOffset) != 0) return std::nullopt;
    ip.traffic_class = byte_at(packet, 1);
    ip.id = word_at(packet, 4);
    ip.ttl = byte_at(packet, 8);
    ip.source = IpAddress::from_bytes(Family::ipv4, packet.data() + 12);
    ip.destination = IpAddress::from_bytes(Family::ipv4, packet.data() + 16);
    return ip;
}

// The length of an IPv6 extension header whose first bytes are at `offset`, or 0 when `kind` is none that may stand
// before TCP. A fragment header is passed only when the packet is whole (RFC 6946, atomic fragment).
size_t extension_length(std::string_view packet, size_t offset, uint8_t kind) {
    constexpr uint16_t kOffsetAndMore = 0xfff9;
    const size_t length = byte_at(packet, offset + 1);
    switch (kind) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
        case IPPROTO_MH:
            return (length + 1) * 8;
        case IPPROTO_AH:
            return (length + 2) * 4;
        case IPPROTO_FRAGMENT:
            return (word_at(packet, offset + 2) & kOffsetAndMore) == 0 ? 8 : 0;
        default:
            return 0;
    }
}

std::optional<IpEnvelope> decode_ipv6(std::string_view packet) {
    if (packet.size() < kIpv6Header) return std::nullopt;
    IpEnvelope ip;
    ip.traffic_class = static_cast<uint8_t>(word_at(packet, 0) >> 4);
    ip.ttl = byte_at(packet, 7);
    ip.source = IpAddress::from_bytes(Family::ipv6, packet.data() + 8);
    ip.destination = IpAddress::from_bytes(Family::ipv6, packet.data() + 24);
    ip.total_length = kIpv6Header + word_at(packet, 4);
    ip.header_length = kIpv6Header;
    uint8_t kind = byte_at(packet, 6);
    while (kind != IPPROTO_TCP) {
        if (packet.size() < ip.header_length + 8) return std::nullopt;
        const size_t length = extension_length(packet, ip.header_length, kind);
        if (length == 0) return std::nullopt;
        const uint8_t segments_left = byte_at(packet, ip.header_length + 3);
        if (kind == IPPROTO_ROUTING && segments_left != 0) ip.final_destination = false;
        kind = byte_at(packet, ip.header_length);
        ip.header_length += length;
    }
    return ip;
}

std::optional<IpEnvelope> decode_ip(std::string_view packet) {
    if (packet.empty()) return std::nullopt;
    const int version = byte_at(packet, 0) >> 4;
    if (version == 4) return decode_ipv4(packet);
    if (version == 6) return decode_ipv6(packet);
    return std::nullopt;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += kDigits[static_cast<uint8_t>(byte) >> 4];
        text += kDigits[static_cast<uint8_t>(byte) & 15];
    }
    return text;
}

void read_sack(std::string_view content, TcpOptions& options) {
    for (size_t offset = 0; offset < content.size(); offset += 8) {
        options.sack.push_back({long_at(content, offset), long_at(content, offset + 4)});
    }
}

// One option without its kind and length bytes. False: of a kind not known here, or of a length its kind does not have.
bool read_option(uint8_t kind, std::string_view content, TcpOptions& options) {
    constexpr uint16_t kFastOpenExperiment = 0xf989;  // RFC 7413 before it had a kind of its own
    const size_t length = content.size();
    if (kind == 2 && length == 2) {
        options.mss = word_at(content, 0);
    } else if (kind == 3 && length == 1) {
        options.window_scale = byte_at(content, 0);
    } else if (kind == 4 && length == 0) {
        options.sack_permitted = true;
    } else if (kind == 5 && length >= 8 && length % 8 == 0) {
        read_sack(content, options);
    } else if (kind == 8 && length == 8) {
        options.timestamps = TcpTimestamps{long_at(content, 0), long_at(content, 4)};
    } else if (kind == 34) {
        options.fast_open_cookie = hexadecimal(content);
    } else if (kind == 254 && length >= 2 && word_at(content, 0) == kFastOpenExperiment) {
        options.fast_open_cookie = hexadecimal(content.substr(2));
    } else {
        return false;
    }
    return true;
}

// Like the kernel (tcp_parse_options) this stops at the first option whose length cannot be.
TcpOptions decode_options(std::string_view text) {
    TcpOptions options;
    while (!text.empty()) {
        const uint8_t kind = byte_at(text, 0);
        if (kind == 0) break;
        if (kind == 1) {
            text.remove_prefix(1);
            continue;
        }
        const size_t length = text.size() < 2 ? 0 : byte_at(text, 1);
        if (length < 2 || length > text.size()) {
            options.unknown_kinds.push_back(kind);
            break;
        }
        if (!read_option(kind, text.substr(2, length - 2), options)) options.unknown_kinds.push_back(kind);
        text.remove_prefix(length);
    }
    return options;
}

uint64_t fnv_1a(std::string_view bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
    return hash;
}

uint64_t sum_of_words(std::string_view bytes) {
    uint64_t sum = 0;
    for (size_t offset = 0; offset + 1 < bytes.size(); offset += 2) sum += word_at(bytes, offset);
    if (bytes.size() % 2 == 1) sum += static_cast<uint64_t>(byte_at(bytes, bytes.size() - 1)) << 8;
    return sum;
}

// RFC 9293 section 3.1: over the pseudo header and the whole segment the sum is all ones.
bool checksum_holds(const IpEnvelope& ip, std::string_view segment) {
    const auto address = [](const IpAddress& from) {
        return std::string_view(reinterpret_cast<const char*>(from.bytes.data()), from.size());
    };
    uint64_t sum = sum_of_words(address(ip.source)) + sum_of_words(address(ip.destination)) + IPPROTO_TCP +
                   segment.size() + sum_of_words(segment);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

// `captured` holds the whole TCP header, `header_length` bytes of it.
TcpSegment decode_header(const IpEnvelope& ip, std::string_view captured, size_t header_length) {
    TcpSegment segment;
    segment.source = {ip.source, word_at(captured, 0)};
    segment.destination = {ip.destination, word_at(captured, 2)};
    segment.sequence = long_at(captured, 4);
    segment.acknowledgment = long_at(captured, 8);
    segment.flags = byte_at(captured, 13);
    segment.window = word_at(captured, 14);
    segment.urgent_pointer = word_at(captured, 18);
    segment.ttl = ip.ttl;
    segment.traffic_class = ip.traffic_class;
    segment.ip_id = ip.id;
    segment.options = decode_options(captured.substr(kTcpHeader, header_length - kTcpHeader));
    segment.payload_hash = fnv_1a(captured.substr(header_length));
    return segment;
}

}  // namespace

std::optional<TcpSegment> decode_tcp_segment(std::string_view captured, bool offloaded_checksum) {
    const std::optional<IpEnvelope> ip = decode_ip(captured);
    if (!ip) return std::nullopt;
    const std::string_view packet = captured.substr(0, ip->total_length);
    if (packet.size() < ip->header_length + kTcpHeader) return std::nullopt;
    const std::string_view tcp = packet.substr(ip->header_length);
    const size_t header_length = static_cast<size_t>(byte_at(tcp, 12) >> 4) * 4;
    if (header_length < kTcpHeader || header_length > tcp.size()) return std::nullopt;

    TcpSegment segment = decode_header(*ip, tcp, header_length);
    segment.payload_length = static_cast<uint32_t>(ip->total_length - ip->header_length - header_length);
    segment.checksum_checked = packet.size() == ip->total_length && !offloaded_checksum && ip->final_destination;
    segment.checksum_good = !segment.checksum_checked || checksum_holds(*ip, tcp);
    segment.raw = packet.substr(0, ip->header_length + header_length + kRawPayloadLimit);
    return segment;
}

}  // namespace tcpwitness
