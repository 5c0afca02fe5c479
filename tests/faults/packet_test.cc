#include "faults/packet.hh"

#include <gtest/gtest.h>

#include "faults/packets.hh"

namespace tcpwitness {
namespace {

using namespace testing;

class PacketOfFamily : public ::testing::TestWithParam<Family> {
  protected:
    PathPacket data_ = packet(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 9, .family = GetParam()});
};

INSTANTIATE_TEST_SUITE_P(Families, PacketOfFamily, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& each) { return std::string(to_string(each.param)); });

bool ipv4_header_is_good(const std::string& packet) {
    return checksum_finish(checksum_sum(std::string_view(packet).substr(0, 20))) == 0;
}

TEST_P(PacketOfFamily, AHopTakesOneFromTheTimeToLive) {
    const TcpSegment before = segment(data_);
    ASSERT_TRUE(take_hop(data_.bytes));
    EXPECT_EQ(segment(data_).ttl, before.ttl - 1);
    EXPECT_TRUE(segment(data_).checksum_good);
    EXPECT_TRUE(GetParam() == Family::ipv6 || ipv4_header_is_good(data_.bytes));
}

TEST_P(PacketOfFamily, TheLastHopIsRefused) {
    while (segment(data_).ttl > 1) ASSERT_TRUE(take_hop(data_.bytes));
    EXPECT_FALSE(take_hop(data_.bytes));
    EXPECT_EQ(segment(data_).ttl, 1);
}

TEST_P(PacketOfFamily, AFlippedBitMakesTheChecksumBad) {
    ASSERT_TRUE(segment(data_).checksum_good);
    ASSERT_TRUE(flip_tcp_bit(data_.bytes, {}));
    EXPECT_FALSE(segment(data_).checksum_good);
    ASSERT_TRUE(flip_tcp_bit(data_.bytes, {}));
    EXPECT_TRUE(segment(data_).checksum_good);
}

TEST_P(PacketOfFamily, ABitIsCountedFromTheTcpHeader) {
    const uint32_t sequence = segment(data_).sequence;
    ASSERT_TRUE(flip_tcp_bit(data_.bytes, 32));  // the highest of the sequence number
    EXPECT_EQ(segment(data_).sequence, sequence ^ 0x80000000);
    EXPECT_FALSE(flip_tcp_bit(data_.bytes, (20 + 9) * 8));
    EXPECT_TRUE(flip_tcp_bit(data_.bytes, (20 + 9) * 8 - 1));
}

TEST_P(PacketOfFamily, AddressesAndPortsAreReplacedWithGoodChecksums) {
    SocketAddress seen = client_end(GetParam());
    seen.ip.bytes[3] ^= 0x77;
    seen.ip.bytes[0] ^= 0x01;
    seen.port = 5555;
    set_source(data_.bytes, seen);
    EXPECT_EQ(segment(data_).source, seen);
    EXPECT_EQ(segment(data_).destination, server_end(GetParam()));
    EXPECT_TRUE(segment(data_).checksum_good);
    EXPECT_TRUE(GetParam() == Family::ipv6 || ipv4_header_is_good(data_.bytes));
    set_destination(data_.bytes, seen);
    EXPECT_EQ(segment(data_).destination, seen);
    EXPECT_TRUE(segment(data_).checksum_good);
}

TEST_P(PacketOfFamily, ABadChecksumStaysBad) {
    flip_tcp_bit(data_.bytes, {});
    SocketAddress seen = client_end(GetParam());
    seen.port = 1;
    set_source(data_.bytes, seen);
    EXPECT_FALSE(segment(data_).checksum_good);
}

TEST_P(PacketOfFamily, ASequenceNumberIsReplaced) {
    set_sequence(data_.bytes, 0xfedcba98);
    EXPECT_EQ(segment(data_).sequence, 0xfedcba98);
}

TEST_P(PacketOfFamily, WhatIsNoTcpHasNoTcpHeader) {
    EXPECT_TRUE(tcp_offset(data_.bytes));
    EXPECT_TRUE(destination_of(data_.bytes) == server_end(GetParam()).ip);
    std::string other = data_.bytes;
    other[GetParam() == Family::ipv4 ? 9 : 6] = 17;
    EXPECT_FALSE(tcp_offset(other));
    EXPECT_FALSE(flip_tcp_bit(other, {}));
    for (size_t length = 0; length < 40; ++length) EXPECT_FALSE(tcp_offset(data_.bytes.substr(0, length)));
    EXPECT_FALSE(destination_of(""));
    EXPECT_FALSE(destination_of("\x50what"));
}

TEST(Packet, KnowsWhatMayBeFragmented) {
    PathPacket data = packet(Way::to_server, {});
    data.bytes[6] = 0;
    EXPECT_FALSE(forbids_fragments(data.bytes));
    data.bytes[6] = 0x40;
    EXPECT_TRUE(forbids_fragments(data.bytes));
    EXPECT_TRUE(forbids_fragments(packet(Way::to_server, {.family = Family::ipv6}).bytes));
}

}  // namespace
}  // namespace tcpwitness
