#include <gtest/gtest.h>

#include "timeline/packets.hh"
#include "timeline/timeline.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using namespace tcp_flag;

TEST(Journeys, MatchSendingsWithArrivals) {
    TimelineBuilder builder;
    const Timeline timeline = builder.segment("client", kSyn, 0, 0).segment("server", kSyn | kAck, 0, 1).finish();
    const auto all = journeys(timeline);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].sent, 0u);
    EXPECT_EQ(all[0].arrived, 1u);
    EXPECT_EQ(sender_of(timeline, all[0]), "client");
    EXPECT_EQ(receiver_of(timeline, all[0]), "server");
    EXPECT_EQ(sender_of(timeline, all[1]), "server");
    EXPECT_EQ(segment_of(timeline, all[0]).ttl, 64);
    EXPECT_FALSE(all[0].lost() || all[0].forged() || all[0].copy);
}

TEST(Journeys, TellLostFromForged) {
    TimelineBuilder builder;
    const Timeline timeline = builder.lost("client", kSyn, 0, 0).forged("server", kRst, 5, 0).finish();
    const auto all = journeys(timeline);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[0].lost());
    EXPECT_FALSE(all[0].forged());
    EXPECT_EQ(receiver_of(timeline, all[0]), "server");
    EXPECT_TRUE(all[1].forged());
    EXPECT_FALSE(all[1].lost());
    EXPECT_EQ(sender_of(timeline, all[1]), "server");
    EXPECT_EQ(receiver_of(timeline, all[1]), "client");
}

TEST(Journeys, ACopyMadeByTheNetworkIsNotForged) {
    TimelineBuilder builder;
    builder.segment("client", kAck, 1, 1, 10).forged("client", kAck, 1, 1, 10);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 2u);
    EXPECT_FALSE(all[0].copy);
    EXPECT_TRUE(all[1].copy);
    EXPECT_FALSE(all[1].forged());
    EXPECT_FALSE(all[1].lost());
    EXPECT_EQ(all[1].sent, 0u);
    EXPECT_EQ(all[1].arrived, 2u);
}

TEST(Journeys, AnArrivalBeforeItsSendingIsForged) {
    TimelineBuilder builder;
    builder.forged("client", kAck, 1, 1).lost("client", kAck, 1, 1);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[0].forged());
    EXPECT_TRUE(all[1].lost());
}

TEST(Journeys, IdenticalSegmentsArriveInOrder) {
    TimelineBuilder builder;
    const TcpSegment fin = segment_from("client", kFin | kAck, 1, 1);
    builder.sent("client", fin).sent("client", fin).arrived("server", fin).arrived("server", fin);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].arrived, 2u);
    EXPECT_EQ(all[1].arrived, 3u);
}

TEST(Journeys, OfTwoIdenticalSendingsTheOneShortlyBeforeArrived) {
    TimelineBuilder builder;
    builder.segment("client", kSyn, 0, 0).lost("client", kFin | kAck, 1, 1);
    builder.after(milliseconds(200)).segment("client", kFin | kAck, 1, 1);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 3u);
    EXPECT_TRUE(all[1].lost());
    EXPECT_EQ(all[2].arrived, 4u);
}

TEST(Journeys, ASendingAfterTheFlightBeganIsNotTaken) {
    TimelineBuilder builder;
    const TcpSegment fin = segment_from("client", kFin | kAck, 1, 1);
    builder.sent("client", segment_from("client", kSyn, 0, 0));
    builder.after(milliseconds(99)).arrived("server", segment_from("client", kSyn, 0, 0));
    builder.at(milliseconds(300)).sent("client", fin).at(milliseconds(395)).sent("client", fin);
    builder.at(milliseconds(400)).arrived("server", fin);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].arrived, 4u);
    EXPECT_TRUE(all[2].lost());
}

TEST(Journeys, BelieveTheFaultThatNamesItsSegment) {
    TimelineBuilder builder;
    const TcpSegment fin = segment_from("client", kFin | kAck, 1, 1);
    builder.sent("client", fin).sent("client", fin).add(FaultFired{0, "drop", 1, fin}).arrived("server", fin);
    builder.arrived("server", fin).add(FaultFired{0, "inject", 1, fin});
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].arrived, 3u);
    EXPECT_TRUE(all[1].lost());
    EXPECT_TRUE(all[2].forged());
    EXPECT_EQ(all[2].arrived, 4u);
}

TEST(Journeys, OnLoopbackASegmentIsSentAndArrivesAtOneHost) {
    TimelineBuilder builder;
    TcpSegment syn = segment_from("client", kSyn, 0, 0);
    syn.source.ip = syn.destination.ip = *IpAddress::parse("127.0.0.1");
    builder.add(SegmentSeen{"server", "lo", Direction::sent, syn});
    builder.add(SegmentSeen{"server", "lo", Direction::arrived, syn});
    builder.add(SegmentSeen{"server", "lo", Direction::sent, [&syn] {
                                TcpSegment lost = syn;
                                lost.sequence += 1;
                                return lost;
                            }()});
    const Timeline timeline = builder.finish();
    const auto all = journeys(timeline);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].arrived, 1u);
    EXPECT_EQ(sender_of(timeline, all[0]), "server");
    EXPECT_EQ(receiver_of(timeline, all[0]), "server");
    EXPECT_EQ(receiver_of(timeline, all[1]), "server");
}

TEST(Journeys, WhatRoutersChangeDoesNotMatter) {
    TimelineBuilder builder;
    TcpSegment data = segment_from("client", kAck, 1, 1, 10);
    TcpSegment marked = data;
    marked.ttl = 63;
    marked.traffic_class = 3;
    marked.checksum_checked = true;
    TcpSegment other = data;
    other.payload_hash = 1;
    builder.sent("client", data).arrived("server", marked).arrived("server", other);
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].arrived, 1u);
    EXPECT_TRUE(all[1].forged());
}

TEST(Journeys, ADamagedArrivalBelongsToItsSendingAndCountsAsLost) {
    for (size_t bit = 20 * 8; bit < kData4.size() * 8; ++bit) {
        std::string damaged = kData4;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
        const auto arrival = decode_tcp_segment(damaged, false);
        if (!arrival) continue;  // the bit was in the header's length
        TimelineBuilder builder;
        builder.sent("client", *decode_tcp_segment(kSyn4, false)).sent("client", *decode_tcp_segment(kData4, false));
        builder.add(SegmentSeen{"server", "server0", Direction::arrived, *arrival});
        const auto all = journeys(builder.finish());
        ASSERT_EQ(all.size(), 2u) << bit;
        EXPECT_EQ(all[1].arrived, 2u);
        EXPECT_TRUE(all[1].corrupted && all[1].lost() && !all[1].copy);
    }
}

TEST(Journeys, ADamagedCopyIsACopyAndOtherDamageIsForged) {
    std::string damaged = kData4;
    damaged.back() ^= 4;
    std::string foreign = kData4;
    for (size_t i = 24; i < foreign.size(); ++i) foreign[i] ^= 0x55;
    foreign[32] = kData4[32];
    TimelineBuilder builder;
    const TcpSegment data = *decode_tcp_segment(kData4, false);
    builder.sent("client", data).arrived("server", data).arrived("server", *decode_tcp_segment(damaged, false));
    builder.arrived("server", *decode_tcp_segment(foreign, false));
    const auto all = journeys(builder.finish());
    ASSERT_EQ(all.size(), 3u);
    EXPECT_FALSE(all[0].corrupted);
    EXPECT_TRUE(all[1].copy && all[1].corrupted);
    EXPECT_TRUE(all[2].forged());
}

TEST(Journeys, TenThousandSegmentsAreQuick) {
    TimelineBuilder builder;
    for (uint32_t i = 0; i < 10000; ++i) builder.segment(i % 2 == 0 ? "client" : "server", kAck, i, i, i % 2);
    const Timeline timeline = builder.finish();
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(journeys(timeline).size(), 10000u);
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(5));
}

}  // namespace
}  // namespace tcpwitness
