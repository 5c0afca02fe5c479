#include "observers/packet_summary.hh"

#include <fmt/core.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <algorithm>
#include <array>

#include "base/address.hh"

namespace tcpwitness {
namespace {

constexpr uint8_t kIcmpV6ListenerReport2 = 143;  // RFC 3810

uint8_t byte_at(std::string_view bytes, size_t offset) {
    return offset < bytes.size() ? static_cast<uint8_t>(bytes[offset]) : 0;
}

struct Envelope {
    Family family = Family::ipv4;
    uint8_t protocol = 0;
    std::string_view payload;
    bool later_fragment = false;
};

std::optional<Envelope> open_ipv4(std::string_view packet) {
    const size_t header = static_cast<size_t>(byte_at(packet, 0) & 15) * 4;
    if (header < 20 || packet.size() < header) return std::nullopt;
    const bool later = (byte_at(packet, 6) & 0x1f) != 0 || byte_at(packet, 7) != 0;
    return Envelope{Family::ipv4, byte_at(packet, 9), packet.substr(header), later};
}

// Passes over hop-by-hop, routing, destination and fragment headers (RFC 8200 section 4).
std::optional<Envelope> open_ipv6(std::string_view packet) {
    if (packet.size() < 40) return std::nullopt;
    Envelope envelope{Family::ipv6, byte_at(packet, 6), packet.substr(40), false};
    while (envelope.payload.size() >= 8) {
        const bool fragment = envelope.protocol == IPPROTO_FRAGMENT;
        const bool options = envelope.protocol == IPPROTO_HOPOPTS || envelope.protocol == IPPROTO_ROUTING ||
                             envelope.protocol == IPPROTO_DSTOPTS;
        if (!fragment && !options) break;
        if (fragment && ((byte_at(envelope.payload, 2) != 0) || (byte_at(envelope.payload, 3) & 0xf8) != 0)) {
            envelope.later_fragment = true;
        }
        const size_t length = fragment ? 8 : (static_cast<size_t>(byte_at(envelope.payload, 1)) + 1) * 8;
        envelope.protocol = byte_at(envelope.payload, 0);
        envelope.payload = envelope.payload.substr(std::min(length, envelope.payload.size()));
    }
    return envelope;
}

std::string name_in(const auto& names, uint8_t code) {
    return code < names.size() ? names[code] : fmt::format("code {}", code);
}

std::string icmp_summary(uint8_t type, uint8_t code) {
    static constexpr std::array kUnreachable{"network unreachable",
                                             "host unreachable",
                                             "protocol unreachable",
                                             "port unreachable",
                                             "fragmentation needed",
                                             "source route failed",
                                             "network unknown",
                                             "host unknown",
                                             "source host isolated",
                                             "network prohibited",
                                             "host prohibited",
                                             "network unreachable for this type of service",
                                             "host unreachable for this type of service",
                                             "communication prohibited"};
    switch (type) {
        case ICMP_DEST_UNREACH:
            return "ICMP destination unreachable, " + name_in(kUnreachable, code);
        case ICMP_TIME_EXCEEDED:
            return code == 0 ? "ICMP time exceeded in transit" : "ICMP time exceeded in reassembly";
        case ICMP_PARAMETERPROB:
            return "ICMP parameter problem";
        case ICMP_REDIRECT:
            return "ICMP redirect";
        case ICMP_ECHO:
            return "ICMP echo request";
        case ICMP_ECHOREPLY:
            return "ICMP echo reply";
        case ICMP_SOURCE_QUENCH:
            return "ICMP source quench";
        default:
            return fmt::format("ICMP type {} code {}", type, code);
    }
}

std::optional<std::string> icmp6_summary(uint8_t type, uint8_t code) {
    static constexpr std::array kUnreachable{"no route",           "communication prohibited", "beyond scope",
                                             "address unreachable", "port unreachable",         "source address refused",
                                             "route rejected"};
    switch (type) {
        case ICMP6_DST_UNREACH:
            return "ICMPv6 destination unreachable, " + name_in(kUnreachable, code);
        case ICMP6_PACKET_TOO_BIG:
            return "ICMPv6 packet too big";
        case ICMP6_TIME_EXCEEDED:
            return code == 0 ? "ICMPv6 hop limit exceeded in transit" : "ICMPv6 time exceeded in reassembly";
        case ICMP6_PARAM_PROB:
            return "ICMPv6 parameter problem";
        case ICMP6_ECHO_REQUEST:
            return "ICMPv6 echo request";
        case ICMP6_ECHO_REPLY:
            return "ICMPv6 echo reply";
        case ND_REDIRECT:
            return "ICMPv6 redirect";
        case ND_ROUTER_SOLICIT:
        case ND_ROUTER_ADVERT:
        case ND_NEIGHBOR_SOLICIT:
        case ND_NEIGHBOR_ADVERT:
        case MLD_LISTENER_QUERY:
        case MLD_LISTENER_REPORT:
        case MLD_LISTENER_REDUCTION:
        case kIcmpV6ListenerReport2:
            return std::nullopt;
        default:
            return fmt::format("ICMPv6 type {} code {}", type, code);
    }
}

std::string port_of(std::string_view payload, size_t offset) {
    return std::to_string(byte_at(payload, offset) << 8 | byte_at(payload, offset + 1));
}

}  // namespace

std::optional<std::string> packet_summary(std::string_view packet) {
    const unsigned version = byte_at(packet, 0) >> 4;
    if (version != 4 && version != 6) return std::nullopt;
    const auto envelope = version == 4 ? open_ipv4(packet) : open_ipv6(packet);
    if (!envelope) return "IP packet with a broken header";
    const std::string_view payload = envelope->payload;
    if (envelope->protocol == IPPROTO_IGMP) return std::nullopt;
    if (envelope->later_fragment) return fmt::format("fragment of a packet of protocol {}", envelope->protocol);
    switch (envelope->protocol) {
        case IPPROTO_ICMP:
            return icmp_summary(byte_at(payload, 0), byte_at(payload, 1));
        case IPPROTO_ICMPV6:
            return icmp6_summary(byte_at(payload, 0), byte_at(payload, 1));
        case IPPROTO_UDP:
            return "UDP from port " + port_of(payload, 0) + " to " + port_of(payload, 2);
        case IPPROTO_TCP:
            return "TCP segment that cannot be read";
        default:
            return fmt::format("packet of protocol {}", envelope->protocol);
    }
}

}  // namespace tcpwitness
