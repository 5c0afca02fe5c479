// Packets for the tests of faults/: one connection of client:40000 with server:7000, initial numbers 1000 and 5000.
#pragma once

#include <string>

#include "faults/forwarding.hh"
#include "network/forge.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness::testing {

using namespace tcp_flag;

inline constexpr uint32_t kClientIsn = 1000;
inline constexpr uint32_t kServerIsn = 5000;

inline SocketAddress client_end(Family family = Family::ipv4) {
    return *SocketAddress::parse(family == Family::ipv4 ? "10.0.1.1:40000" : "[fd00:1::1]:40000");
}

inline SocketAddress server_end(Family family = Family::ipv4) {
    return *SocketAddress::parse(family == Family::ipv4 ? "10.0.2.1:7000" : "[fd00:2::1]:7000");
}

struct Shape {
    uint8_t flags = kAck;
    uint32_t sequence = 0;        // relative
    uint32_t acknowledgment = 0;  // relative
    size_t length = 0;
    Family family = Family::ipv4;
    std::string options;
};

inline PathPacket packet(Way way, const Shape& shape) {
    const bool to_server = way == Way::to_server;
    ForgedSegment segment;
    segment.source = to_server ? client_end(shape.family) : server_end(shape.family);
    segment.destination = to_server ? server_end(shape.family) : client_end(shape.family);
    segment.sequence = shape.sequence + (to_server ? kClientIsn : kServerIsn);
    segment.acknowledgment =
        (shape.flags & kAck) == 0 ? 0 : shape.acknowledgment + (to_server ? kServerIsn : kClientIsn);
    segment.flags = shape.flags;
    segment.options = shape.options;
    segment.payload = std::string(shape.length, 'x');
    return {way, forge_segment(segment)};
}

inline TcpSegment segment(const PathPacket& packet) {
    return decode_tcp_segment(packet.bytes, false).value();
}

// The three segments that open the connection.
inline const PathPacket kSynPacket = packet(Way::to_server, {.flags = kSyn});
inline const PathPacket kSynAckPacket = packet(Way::to_client, {.flags = kSyn | kAck, .acknowledgment = 1});
inline const PathPacket kAckPacket = packet(Way::to_server, {.sequence = 1, .acknowledgment = 1});

}  // namespace tcpwitness::testing
