#include "faults/forwarding.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"
#include "faults/packets.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class ForwardingTest : public ::testing::Test {
  protected:
    void add(FaultKind kind, SegmentSelector selector, FaultTrick trick = {}) {
        trick.fault = kind;
        trick.selector = selector;
        forwarding_.add(++step_, trick, Selection(selector, {}, {}));
    }

    static SegmentSelector from_client(size_t length) {
        return {.payload_length = Comparison{Relation::equal, static_cast<int64_t>(length)}};
    }

    Decision send(Way way, size_t length, Instant now = 0ms) {
        return forwarding_.take(packet(way, {.sequence = 1, .acknowledgment = 1, .length = length}), now);
    }

    static std::vector<uint32_t> lengths(const Decision& decision) {
        std::vector<uint32_t> lengths;
        for (const PathPacket& each : decision.send) lengths.push_back(segment(each).payload_length);
        return lengths;
    }

    using Lengths = std::vector<uint32_t>;

    Forwarding forwarding_;
    int step_ = 0;
};

TEST_F(ForwardingTest, PassesWhatNobodyMeansOneHopOn) {
    const Decision decision = send(Way::to_client, 3);
    ASSERT_EQ(decision.send.size(), 1U);
    EXPECT_EQ(decision.send[0].way, Way::to_client);
    EXPECT_EQ(segment(decision.send[0]).ttl, 63);
    EXPECT_TRUE(segment(decision.send[0]).checksum_good);
    EXPECT_TRUE(decision.fired.empty());
}

TEST_F(ForwardingTest, APacketThatIsNoSegmentPasses) {
    PathPacket other = packet(Way::to_server, {});
    other.bytes[9] = 17;
    EXPECT_EQ(forwarding_.take(other, 0ms).send.size(), 1U);
}

TEST_F(ForwardingTest, APacketWithoutHopsEndsHere) {
    PathPacket last = packet(Way::to_server, {});
    last.bytes[8] = 1;
    EXPECT_TRUE(forwarding_.take(last, 0ms).send.empty());
}

TEST_F(ForwardingTest, DropsOneAndSaysWhich) {
    add(FaultKind::drop, from_client(2));
    EXPECT_EQ(lengths(send(Way::to_server, 1)), Lengths{1});
    const Decision decision = send(Way::to_server, 2);
    EXPECT_TRUE(decision.send.empty());
    ASSERT_EQ(decision.fired.size(), 1U);
    EXPECT_EQ(decision.fired[0].step, 1);
    EXPECT_EQ(decision.fired[0].action, "drop");
    EXPECT_EQ(decision.fired[0].segment->payload_length, 2U);
    EXPECT_EQ(decision.fired[0].segment->ttl, 64);
    EXPECT_EQ(lengths(send(Way::to_server, 2)), Lengths{2});
    EXPECT_TRUE(forwarding_.shortfalls().empty());
}

TEST_F(ForwardingTest, TheFirstFaultThatMeansASegmentHasItAlone) {
    add(FaultKind::drop, from_client(2));
    add(FaultKind::drop, from_client(2));
    EXPECT_EQ(send(Way::to_server, 2).fired.at(0).step, 1);
    EXPECT_EQ(send(Way::to_server, 2).fired.at(0).step, 2);
    EXPECT_TRUE(send(Way::to_server, 2).fired.empty());
}

TEST_F(ForwardingTest, DelaysByATime) {
    add(FaultKind::delay, from_client(2), {.by = 200ms});
    EXPECT_FALSE(forwarding_.next_due());
    EXPECT_EQ(send(Way::to_server, 2, 50ms).fired.at(0).action, "delay");
    EXPECT_EQ(lengths(send(Way::to_server, 1, 60ms)), Lengths{1});
    EXPECT_EQ(forwarding_.next_due(), 250ms);
    EXPECT_TRUE(forwarding_.due(249ms).send.empty());
    EXPECT_EQ(forwarding_.shortfalls().size(), 1U);
    EXPECT_EQ(lengths(forwarding_.due(250ms)), Lengths{2});
    EXPECT_FALSE(forwarding_.next_due());
    EXPECT_TRUE(forwarding_.shortfalls().empty());
}

TEST_F(ForwardingTest, DelayedSegmentsGoInTheOrderOfTheirTimes) {
    SegmentSelector all = from_client(2);
    all.count.reset();
    add(FaultKind::delay, from_client(1), {.by = 200ms});
    add(FaultKind::delay, all, {.by = 100ms});
    send(Way::to_server, 1, 0ms);
    send(Way::to_server, 2, 1ms);
    send(Way::to_server, 2, 1ms);
    EXPECT_EQ(forwarding_.next_due(), 101ms);
    EXPECT_EQ(lengths(forwarding_.due(300ms)), (Lengths{2, 2, 1}));
}

TEST_F(ForwardingTest, DuplicatesAtOnceOrLater) {
    add(FaultKind::duplicate, from_client(2), {.copies = 2});
    add(FaultKind::duplicate, from_client(3), {.by = 10ms, .copies = 2});
    EXPECT_EQ(lengths(send(Way::to_server, 2)), (Lengths{2, 2, 2}));
    EXPECT_EQ(lengths(send(Way::to_server, 3)), Lengths{3});
    EXPECT_EQ(lengths(forwarding_.due(10ms)), Lengths{3});
    EXPECT_EQ(lengths(forwarding_.due(20ms)), Lengths{3});
}

TEST_F(ForwardingTest, ReordersBehindTheNextOfItsDirection) {
    add(FaultKind::reorder, from_client(2));
    EXPECT_TRUE(send(Way::to_server, 2).send.empty());
    EXPECT_EQ(lengths(send(Way::to_client, 7)), Lengths{7});
    ASSERT_EQ(forwarding_.shortfalls().size(), 1U);
    EXPECT_THAT(forwarding_.shortfalls()[0].second, HasSubstr("1 more"));
    EXPECT_EQ(lengths(send(Way::to_server, 3)), (Lengths{3, 2}));
    EXPECT_TRUE(forwarding_.shortfalls().empty());
    EXPECT_EQ(lengths(send(Way::to_server, 4)), Lengths{4});
}

TEST_F(ForwardingTest, ReordersBehindSeveral) {
    add(FaultKind::reorder, from_client(2), {.behind = 2});
    send(Way::to_server, 2);
    EXPECT_EQ(lengths(send(Way::to_server, 3)), Lengths{3});
    EXPECT_EQ(lengths(send(Way::to_server, 4)), (Lengths{4, 2}));
}

TEST_F(ForwardingTest, CorruptsAndShowsWhatBecameOfIt) {
    add(FaultKind::corrupt, from_client(2));
    const Decision decision = send(Way::to_server, 2);
    ASSERT_EQ(decision.send.size(), 1U);
    EXPECT_FALSE(segment(decision.send[0]).checksum_good);
    EXPECT_TRUE(decision.fired.at(0).segment->checksum_good);
    EXPECT_FALSE(decision.fired.at(0).became->checksum_good);
}

TEST_F(ForwardingTest, CannotCorruptWhatIsNotThere) {
    add(FaultKind::corrupt, from_client(2), {.bit = 1000});
    EXPECT_THROW(send(Way::to_server, 2), Error);
}

TEST_F(ForwardingTest, HoldsUntilReleased) {
    SegmentSelector all = from_client(2);
    all.count.reset();
    add(FaultKind::hold, all, {.name = "h"});
    add(FaultKind::hold, from_client(3), {.name = "other"});
    EXPECT_THROW(forwarding_.release(9, {.name = "h"}), Error);
    send(Way::to_server, 2);
    send(Way::to_server, 2);
    send(Way::to_server, 3);
    EXPECT_FALSE(forwarding_.next_due());
    const Decision decision = forwarding_.release(9, {.name = "h"});
    EXPECT_EQ(lengths(decision), (Lengths{2, 2}));
    EXPECT_EQ(decision.fired.at(0).action, "release");
    EXPECT_EQ(decision.fired.at(0).step, 9);
    EXPECT_THROW(forwarding_.release(9, {.name = "h"}), Error);
    EXPECT_EQ(lengths(forwarding_.release(9, {})), Lengths{3});
    EXPECT_THROW(forwarding_.release(9, {}), Error);
}

TEST_F(ForwardingTest, ReleasesInTheOtherOrder) {
    add(FaultKind::hold, from_client(2));
    add(FaultKind::hold, from_client(3));
    send(Way::to_server, 2);
    send(Way::to_server, 3);
    EXPECT_EQ(lengths(forwarding_.release(9, {.reversed = true})), (Lengths{3, 2}));
}

TEST_F(ForwardingTest, ABlackholeSwallowsOneDirectionUntilItIsTakenOff) {
    forwarding_.set_blackhole(1, {.way = Way::to_server});
    EXPECT_EQ(forwarding_.shortfalls().size(), 1U);
    EXPECT_EQ(send(Way::to_server, 2).fired.at(0).action, "blackhole");
    EXPECT_EQ(lengths(send(Way::to_client, 2)), Lengths{2});
    EXPECT_THROW(forwarding_.set_blackhole(2, {.way = Way::to_client, .on = false}), Error);
    forwarding_.set_blackhole(2, {.way = Way::to_server, .on = false});
    EXPECT_EQ(lengths(send(Way::to_server, 2)), Lengths{2});
    EXPECT_THROW(forwarding_.set_blackhole(3, {.on = false}), Error);
    EXPECT_TRUE(forwarding_.shortfalls().empty());
}

TEST_F(ForwardingTest, ReplaysTheLatestOrTheNth) {
    send(Way::to_server, 2);
    send(Way::to_server, 3);
    send(Way::to_client, 4);
    SegmentSelector any{.way = Way::to_server};
    any.count.reset();
    const Decision latest = forwarding_.replay(5, {.selector = any}, Selection(any, {}, {}));
    EXPECT_EQ(lengths(latest), Lengths{3});
    EXPECT_EQ(latest.fired.at(0).action, "replay");
    EXPECT_EQ(lengths(forwarding_.replay(5, {.selector = any, .latest = false}, Selection(any, {}, {}))), Lengths{2});
    const SegmentSelector none = from_client(99);
    EXPECT_THROW(forwarding_.replay(5, {.selector = none}, Selection(none, {}, {})), Error);
}

TEST_F(ForwardingTest, ADroppedSegmentCanBeReplayed) {
    add(FaultKind::drop, from_client(2));
    send(Way::to_server, 2);
    SegmentSelector any{.way = Way::to_server};
    EXPECT_EQ(lengths(forwarding_.replay(5, {.selector = any}, Selection(any, {}, {}))), Lengths{2});
}

TEST_F(ForwardingTest, AHostThatMovedIsFoundWhereItSeemsToBe) {
    forwarding_.add_move(1, AddressMove(Way::to_server, client_end().ip, {}, 5555));
    EXPECT_EQ(forwarding_.shortfalls().size(), 1U);
    // What is sent to where it was reaches nobody.
    EXPECT_EQ(send(Way::to_client, 1).fired.at(0).action, "drop");
    const Decision away = send(Way::to_server, 2);
    EXPECT_EQ(segment(away.send.at(0)).source.port, 5555);
    EXPECT_TRUE(segment(away.send.at(0)).checksum_good);
    EXPECT_EQ(away.fired.at(0).action, "move");
    EXPECT_EQ(away.fired.at(0).segment->source.port, 40000);
    EXPECT_EQ(away.fired.at(0).became->source.port, 5555);

    PathPacket answer = packet(Way::to_client, {.length = 3});
    ForgedSegment forged{.source = server_end(), .destination = client_end(), .payload = "abc"};
    forged.destination.port = 5555;
    answer.bytes = forge_segment(forged);
    const Decision back = forwarding_.take(answer, 0ms);
    EXPECT_EQ(segment(back.send.at(0)).destination, client_end());
    EXPECT_TRUE(segment(back.send.at(0)).checksum_good);
    EXPECT_TRUE(forwarding_.shortfalls().empty());
}

TEST_F(ForwardingTest, AnAddressMovesWithAllItsPorts) {
    const IpAddress elsewhere = *IpAddress::parse("10.0.1.77");
    forwarding_.add_move(1, AddressMove(Way::to_server, client_end().ip, elsewhere, {}));
    EXPECT_EQ(segment(send(Way::to_server, 2).send.at(0)).source, (SocketAddress{elsewhere, 40000}));
    EXPECT_EQ(send(Way::to_client, 2).fired.at(0).action, "drop");
    ForgedSegment forged{.source = server_end(), .destination = {elsewhere, 40000}};
    EXPECT_EQ(segment(forwarding_.take({Way::to_client, forge_segment(forged)}, 0ms).send.at(0)).destination,
              client_end());
}

}  // namespace
}  // namespace tcpwitness
