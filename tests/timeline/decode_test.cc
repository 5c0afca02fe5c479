#include <gtest/gtest.h>

#include <random>

#include "timeline/packets.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {
namespace {

using namespace testing;

// `packet` with extension headers put between the IPv6 header and TCP.
std::string with_extensions(std::string packet, uint8_t first_kind, const std::string& extensions) {
    packet.insert(40, extensions);
    packet[6] = static_cast<char>(first_kind);
    packet[5] = static_cast<char>(packet[5] + static_cast<char>(extensions.size()));
    return packet;
}

// kSyn4 with `options` in place of its own, padded to whole words.
std::string with_options(std::string options) {
    while (options.size() % 4 != 0) options += '\0';
    std::string packet = kSyn4.substr(0, 40) + options;
    packet[3] = static_cast<char>(packet.size());
    packet[32] = static_cast<char>((20 + options.size()) / 4 << 4);
    return packet;
}

TEST(Decode, ReadsASynOfIpv4) {
    const auto segment = decode_tcp_segment(kSyn4, false);
    ASSERT_TRUE(segment);
    EXPECT_EQ(to_string(segment->source), "10.0.1.1:52652");
    EXPECT_EQ(to_string(segment->destination), "10.0.1.2:7000");
    EXPECT_EQ(segment->sequence, 0x1cb25eb0u);
    EXPECT_EQ(segment->acknowledgment, 0u);
    EXPECT_EQ(flags_to_string(segment->flags), "SYN");
    EXPECT_EQ(segment->window, 64240);
    EXPECT_EQ(segment->payload_length, 0u);
    EXPECT_EQ(segment->sequence_length(), 1u);
    EXPECT_EQ(segment->ttl, 64);
    EXPECT_EQ(segment->ip_id, 0x8864);
    EXPECT_TRUE(segment->checksum_checked);
    EXPECT_TRUE(segment->checksum_good);
    EXPECT_EQ(segment->options.mss, 1460);
    EXPECT_EQ(segment->options.window_scale, 10);
    EXPECT_TRUE(segment->options.sack_permitted);
    EXPECT_EQ(segment->options.timestamps, (TcpTimestamps{0x04b7e230, 0}));
    EXPECT_EQ(segment->raw, kSyn4);
}

TEST(Decode, ReadsASynAckOfIpv6) {
    const auto segment = decode_tcp_segment(kSynAck6, false);
    ASSERT_TRUE(segment);
    EXPECT_EQ(to_string(segment->source), "[fd00:1::2]:7000");
    EXPECT_EQ(flags_to_string(segment->flags), "SYN ACK");
    EXPECT_EQ(segment->acknowledgment, 0x2619f37cu);
    EXPECT_EQ(segment->options.mss, 1440);
    EXPECT_TRUE(segment->checksum_checked && segment->checksum_good);
}

TEST(Decode, CountsPayloadByTheIpHeaderAndIgnoresPadding) {
    const auto plain = decode_tcp_segment(kData4, false);
    const auto padded = decode_tcp_segment(kData4 + std::string(6, '\0'), false);
    ASSERT_TRUE(plain && padded);
    EXPECT_EQ(plain->payload_length, 5u);
    EXPECT_EQ(flags_to_string(plain->flags), "PSH ACK");
    EXPECT_EQ(*plain, *padded);
}

TEST(Decode, ChecksTheChecksumOnlyOfWholePackets) {
    for (const std::string& packet : {kData4, kData6}) {
        std::string damaged = packet;
        damaged.back() ^= 1;
        EXPECT_FALSE(decode_tcp_segment(damaged, false)->checksum_good);
        EXPECT_TRUE(decode_tcp_segment(damaged, true)->checksum_good);
        EXPECT_FALSE(decode_tcp_segment(damaged, true)->checksum_checked);
        const auto cut = decode_tcp_segment(damaged.substr(0, damaged.size() - 2), false);
        ASSERT_TRUE(cut);
        EXPECT_TRUE(cut->checksum_good);
        EXPECT_FALSE(cut->checksum_checked);
        EXPECT_EQ(cut->payload_length, 5u);
        EXPECT_NE(decode_tcp_segment(damaged, false)->payload_hash, decode_tcp_segment(packet, false)->payload_hash);
    }
}

TEST(Decode, CutsLongPayloadInRaw) {
    std::string packet = kData4 + std::string(200, 'x');
    packet[3] = static_cast<char>(packet.size() & 255);
    packet[2] = static_cast<char>(packet.size() >> 8);
    const auto segment = decode_tcp_segment(packet, false);
    ASSERT_TRUE(segment);
    EXPECT_EQ(segment->payload_length, 205u);
    EXPECT_EQ(segment->raw.size(), 20 + 32 + kRawPayloadLimit);
}

TEST(Decode, GoesThroughExtensionHeaders) {
    const std::string hop_by_hop = from_hex("3c00010400000000");   // then destination options
    const std::string destination = from_hex("2c00010400000000");  // then a fragment header
    const std::string atomic = from_hex("0600000000000001");       // whole: offset 0, no more
    const auto segment = decode_tcp_segment(with_extensions(kSynAck6, 0, hop_by_hop + destination + atomic), false);
    ASSERT_TRUE(segment);
    EXPECT_EQ(flags_to_string(segment->flags), "SYN ACK");
    EXPECT_TRUE(segment->checksum_checked && segment->checksum_good);
    // A routing header that still has a way to go: the checksum is made for another address.
    const auto routed = decode_tcp_segment(with_extensions(kSynAck6, 43, from_hex("0600000100000000")), false);
    ASSERT_TRUE(routed);
    EXPECT_FALSE(routed->checksum_checked);
}

TEST(Decode, RefusesFragments) {
    std::string more = kData4, later = kData4, harmless = kData4;
    more[6] = 0x20;
    later[7] = 1;
    harmless[6] = 0x40;  // "don't fragment" alone
    EXPECT_FALSE(decode_tcp_segment(more, false));
    EXPECT_FALSE(decode_tcp_segment(later, false));
    EXPECT_TRUE(decode_tcp_segment(harmless, false));
    EXPECT_FALSE(decode_tcp_segment(with_extensions(kData6, 44, from_hex("0600000100000001")), false));
    EXPECT_FALSE(decode_tcp_segment(with_extensions(kData6, 44, from_hex("0600000800000001")), false));
}

TEST(Decode, RefusesWhatIsNotTcp) {
    EXPECT_FALSE(decode_tcp_segment("", false));
    EXPECT_FALSE(decode_tcp_segment(kIcmp6, false));
    EXPECT_FALSE(decode_tcp_segment(std::string(100, '\0'), false));
    EXPECT_FALSE(decode_tcp_segment(std::string(100, '\xff'), false));
    std::string udp = kSyn4;
    udp[9] = 17;
    EXPECT_FALSE(decode_tcp_segment(udp, false));
}

TEST(Decode, RefusesHeadersThatWereNotCapturedWhole) {
    for (const std::string& packet : {kSyn4, kSynAck6}) {
        for (size_t length = 0; length < packet.size(); ++length) {
            EXPECT_FALSE(decode_tcp_segment(packet.substr(0, length), false)) << length;
        }
    }
    std::string short_header = kSyn4;
    short_header[32] = 0x40;  // a TCP header of 16 bytes
    EXPECT_FALSE(decode_tcp_segment(short_header, false));
    std::string long_header = kData4;
    long_header[32] = '\xf0';  // of 60 bytes, more than the packet has
    EXPECT_FALSE(decode_tcp_segment(long_header, false));
    std::string total = kData4;
    total[3] = 30;  // total length ends inside the TCP header
    EXPECT_FALSE(decode_tcp_segment(total, false));
}

TEST(Decode, ReadsEveryOption) {
    const auto sack = decode_tcp_segment(with_options(from_hex("0101051200000001000000020000000300000004")), false);
    ASSERT_TRUE(sack);
    EXPECT_EQ(sack->options.sack, (std::vector<SackBlock>{{1, 2}, {3, 4}}));
    EXPECT_EQ(decode_tcp_segment(with_options(from_hex("2202")), false)->options.fast_open_cookie, "");
    EXPECT_EQ(decode_tcp_segment(with_options(from_hex("220601020aff")), false)->options.fast_open_cookie, "01020aff");
    EXPECT_EQ(decode_tcp_segment(with_options(from_hex("fe06f9890102")), false)->options.fast_open_cookie, "0102");
}

TEST(Decode, NamesOptionsItDoesNotKnowAndStopsWhereLengthsAreWrong) {
    const auto unknown = decode_tcp_segment(with_options(from_hex("1e0401020402")), false);
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->options.unknown_kinds, std::vector<uint8_t>{30});
    EXPECT_TRUE(unknown->options.sack_permitted);
    // MSS of a wrong length is not believed, what follows is.
    const auto wrong = decode_tcp_segment(with_options(from_hex("0203050402")), false);
    EXPECT_FALSE(wrong->options.mss);
    EXPECT_EQ(wrong->options.unknown_kinds, std::vector<uint8_t>{2});
    EXPECT_TRUE(wrong->options.sack_permitted);
    for (const char* endless : {"0200", "0201", "02ff", "0108"}) {
        const auto segment = decode_tcp_segment(with_options(from_hex(endless) + std::string("\1\1", 2)), false);
        ASSERT_TRUE(segment) << endless;
        EXPECT_FALSE(segment->options.mss);
    }
    // After the end of the list nothing is an option.
    EXPECT_FALSE(decode_tcp_segment(with_options(from_hex("00020405b4")), false)->options.mss);
}

TEST(Decode, SurvivesAnyBytes) {
    std::mt19937 random(7);
    for (int round = 0; round < 200000; ++round) {
        std::string packet = std::array{kSyn4, kData4, kSynAck6, kData6}[random() % 4];
        for (unsigned changes = random() % 6; changes > 0; --changes) {
            packet[random() % packet.size()] = static_cast<char>(random());
        }
        packet.resize(random() % (packet.size() + 8), '\x5a');
        // An exact copy on the heap, so that the sanitizer sees a read of one byte too many.
        const std::vector<char> exact(packet.begin(), packet.end());
        const auto segment = decode_tcp_segment(std::string_view(exact.data(), exact.size()), random() % 2 == 0);
        if (segment) {
            EXPECT_LE(segment->raw.size(), packet.size());
        }
    }
}

TEST(Decode, SpellsFlags) {
    EXPECT_EQ(flags_to_string(0), "none");
    EXPECT_EQ(flags_to_string(tcp_flag::kFin | tcp_flag::kAck), "FIN ACK");
    EXPECT_EQ(flags_to_string(0xff), "SYN FIN RST PSH ACK URG ECE CWR");
}

}  // namespace
}  // namespace tcpwitness
