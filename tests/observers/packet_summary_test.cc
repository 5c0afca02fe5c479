#include "observers/packet_summary.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

std::string ipv4(uint8_t protocol, const std::string& payload, uint16_t fragment = 0) {
    std::string packet(20, '\0');
    packet[0] = 0x45;
    packet[6] = static_cast<char>(fragment >> 8);
    packet[7] = static_cast<char>(fragment & 0xff);
    packet[9] = static_cast<char>(protocol);
    return packet + payload;
}

std::string ipv6(uint8_t next, const std::string& payload) {
    std::string packet(40, '\0');
    packet[0] = 0x60;
    packet[6] = static_cast<char>(next);
    return packet + payload;
}

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
}

TEST(PacketSummary, NamesIcmpErrors) {
    EXPECT_EQ(packet_summary(ipv4(1, bytes({3, 3}))), "ICMP destination unreachable, port unreachable");
    EXPECT_EQ(packet_summary(ipv4(1, bytes({3, 4}))), "ICMP destination unreachable, fragmentation needed");
    EXPECT_EQ(packet_summary(ipv4(1, bytes({3, 99}))), "ICMP destination unreachable, code 99");
    EXPECT_EQ(packet_summary(ipv4(1, bytes({11, 0}))), "ICMP time exceeded in transit");
    EXPECT_EQ(packet_summary(ipv4(1, bytes({77, 1}))), "ICMP type 77 code 1");
    EXPECT_EQ(packet_summary(ipv6(58, bytes({1, 4}))), "ICMPv6 destination unreachable, port unreachable");
    EXPECT_EQ(packet_summary(ipv6(58, bytes({2, 0}))), "ICMPv6 packet too big");
}

TEST(PacketSummary, LeavesOutWhatKeepsTheLinkGoing) {
    for (const int type : {130, 131, 132, 133, 134, 135, 136, 143}) {
        EXPECT_EQ(packet_summary(ipv6(58, bytes({type, 0}))), std::nullopt) << type;
    }
    EXPECT_EQ(packet_summary(ipv4(2, "")), std::nullopt);
    EXPECT_EQ(packet_summary(""), std::nullopt);                    // ARP has no IP version
    EXPECT_EQ(packet_summary(bytes({0, 1, 8, 0})), std::nullopt);
}

TEST(PacketSummary, PassesOverExtensionHeaders) {
    const std::string hop_by_hop = bytes({58, 0, 5, 2, 0, 0, 1, 0});  // router alert, as multicast reports have it
    EXPECT_EQ(packet_summary(ipv6(0, hop_by_hop + bytes({143, 0}))), std::nullopt);
    EXPECT_EQ(packet_summary(ipv6(0, hop_by_hop + bytes({1, 0}))), "ICMPv6 destination unreachable, no route");
}

TEST(PacketSummary, NamesTheRest) {
    EXPECT_EQ(packet_summary(ipv4(17, bytes({0, 53, 1, 0}))), "UDP from port 53 to 256");
    EXPECT_EQ(packet_summary(ipv4(6, "")), "TCP segment that cannot be read");
    EXPECT_EQ(packet_summary(ipv4(6, "x", 100)), "fragment of a packet of protocol 6");
    EXPECT_EQ(packet_summary(ipv4(132, "")), "packet of protocol 132");
    EXPECT_EQ(packet_summary(bytes({0x45, 0})), "IP packet with a broken header");
}

}  // namespace
}  // namespace tcpwitness
