#include "network/forge.hh"

#include <gtest/gtest.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

std::string from_hex(std::string_view text) {
    std::string bytes;
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<uint8_t>(byte) >> 4];
        text += kDigits[static_cast<uint8_t>(byte) & 15];
    }
    return text;
}

ForgedSegment syn(const char* source, const char* destination) {
    ForgedSegment segment;
    segment.source = *SocketAddress::parse(source);
    segment.destination = *SocketAddress::parse(destination);
    segment.flags = 0x02;
    segment.sequence = 0x01020304;
    segment.window = 64240;
    return segment;
}

// A sum over everything that a right checksum covers, itself included, is 0.
uint16_t tcp_residue(const std::string& packet) {
    const bool ipv4 = packet[0] == 0x45;
    const std::string addresses = packet.substr(ipv4 ? 12 : 8, ipv4 ? 8 : 32);
    const std::string tcp = packet.substr(ipv4 ? 20 : 40);
    const uint32_t fixed = 6 + static_cast<uint32_t>(tcp.size());
    return checksum_finish(checksum_sum(tcp, checksum_sum(addresses, fixed)));
}

TEST(Forge, ChecksumIsThatOfRfc1071) {
    // The RFC's own example, section 3: the sum of these bytes is ddf2.
    EXPECT_EQ(static_cast<uint16_t>(~checksum_finish(checksum_sum(from_hex("0001f203f4f5f6f7")))), 0xddf2);
    // A well-known IPv4 header, whose checksum is b861.
    EXPECT_EQ(checksum_finish(checksum_sum(from_hex("450000730000400040110000c0a80001c0a800c7"))), 0xb861);
    EXPECT_EQ(checksum_finish(checksum_sum(from_hex("01"))), 0xfeff);  // an odd byte is a high byte
}

TEST(Forge, WritesAnIpv4SegmentByteForByte) {
    ForgedSegment segment = syn("10.0.1.1:4096", "10.0.2.1:80");
    segment.options = tcp_option::mss(1460);
    // Checked by hand: IP 45 00 002c, id 0, DF, ttl 64, protocol 6; TCP offset 6.
    const std::string packet = forge_segment(segment);
    EXPECT_EQ(to_hex(packet).substr(0, 20), "4500002c000040004006");
    EXPECT_EQ(to_hex(packet).substr(24),
              "0a0001010a000201"
              "10000050"
              "01020304"
              "00000000"
              "6002faf0" +
                  to_hex(packet.substr(36, 2)) +
                  "0000"
                  "020405b4");
    EXPECT_EQ(checksum_finish(checksum_sum(packet.substr(0, 20))), 0);
    EXPECT_EQ(tcp_residue(packet), 0);
}

TEST(Forge, WritesAnIpv6Segment) {
    ForgedSegment segment = syn("[fd00:1::1]:4096", "[fd00:2::1]:80");
    segment.payload = "odd";
    segment.ttl = 7;
    segment.traffic_class = 0xb8;
    const std::string packet = forge_segment(segment);
    EXPECT_EQ(to_hex(packet).substr(0, 16), "6b80000000170607");
    EXPECT_EQ(packet.size(), 40U + 20 + 3);
    EXPECT_EQ(tcp_residue(packet), 0);
}

TEST(Forge, ABadChecksumIsWrongByOneBit) {
    ForgedSegment segment = syn("10.0.1.1:4096", "10.0.2.1:80");
    const std::string good = forge_segment(segment);
    segment.bad_checksum = true;
    const std::string bad = forge_segment(segment);
    EXPECT_NE(tcp_residue(bad), 0);
    EXPECT_EQ(bad[37] ^ good[37], 1);
    EXPECT_EQ(good.substr(0, 37), bad.substr(0, 37));
}

TEST(Forge, PadsOptionsAndRefusesTooMany) {
    ForgedSegment segment = syn("10.0.1.1:4096", "10.0.2.1:80");
    segment.options = tcp_option::window_scale(7);
    EXPECT_EQ(to_hex(forge_segment(segment)).substr(80), "03030700");
    segment.data_offset = 15;
    EXPECT_EQ(to_hex(forge_segment(segment)).substr(64, 2), "f0");
    segment.options = std::string(41, '\x01');
    EXPECT_THROW(forge_segment(segment), Error);
}

TEST(Forge, RefusesTwoFamiliesAndTooMuch) {
    EXPECT_THROW(forge_segment(syn("10.0.1.1:1", "[fd00::1]:2")), Error);
    ForgedSegment segment = syn("10.0.1.1:1", "10.0.1.2:2");
    segment.payload = std::string(65536, 'x');
    EXPECT_THROW(forge_segment(segment), Error);
}

TEST(Forge, WritesOptionsAsTheRfcsDo) {
    EXPECT_EQ(to_hex(tcp_option::mss(536)), "02040218");
    EXPECT_EQ(to_hex(tcp_option::sack_permitted()), "0402");
    EXPECT_EQ(to_hex(tcp_option::sack({{1, 2}})), "050a0000000100000002");
    EXPECT_EQ(to_hex(tcp_option::timestamps(1, 0xffffffff)), "080a00000001ffffffff");
    EXPECT_EQ(to_hex(tcp_option::no_operation()), "01");
    EXPECT_EQ(to_hex(tcp_option::unknown(254, "ab")), "fe046162");
}

TEST(Forge, AnIcmpErrorQuotesThePacket) {
    ForgedIcmpError error;
    error.source = *IpAddress::parse("10.0.1.2");
    error.destination = *IpAddress::parse("10.0.1.1");
    error.type = 3;
    error.code = 4;
    error.rest = 1280;
    error.quoted = std::string(2000, 'q');
    const std::string packet = forge_icmp_error(error);
    EXPECT_EQ(packet.size(), 576U);
    EXPECT_EQ(to_hex(packet.substr(20, 2)), "0304");
    EXPECT_EQ(to_hex(packet.substr(24, 4)), "00000500");
    EXPECT_EQ(checksum_finish(checksum_sum(packet.substr(20))), 0);
}

TEST(Forge, AnIcmpv6ErrorCoversItsPseudoHeader) {
    ForgedIcmpError error;
    error.source = *IpAddress::parse("fd00:1::2");
    error.destination = *IpAddress::parse("fd00:1::1");
    error.type = 2;
    error.rest = 1280;
    error.quoted = std::string(2000, 'q');
    const std::string packet = forge_icmp_error(error);
    EXPECT_EQ(packet.size(), 1280U);
    const uint32_t fixed = 58 + 1240;
    EXPECT_EQ(checksum_finish(checksum_sum(packet.substr(40), checksum_sum(packet.substr(8, 32), fixed))), 0);
}

}  // namespace
}  // namespace tcpwitness
