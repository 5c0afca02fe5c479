#include "faults/selector.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faults/packets.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class Selector : public ::testing::Test {
  protected:
    Selector() {
        passing_.take(Way::to_server, segment(kSynPacket));
        passing_.take(Way::to_client, segment(kSynAckPacket));
    }

    PassingSegment pass(Way way, const Shape& shape) { return passing_.take(way, segment(packet(way, shape))); }

    static Selection selection(SegmentSelector selector, std::optional<SettledNumber> sequence = {},
                               std::optional<SettledNumber> acknowledgment = {}) {
        return {std::move(selector), sequence, acknowledgment};
    }

    static SegmentSelector fin() { return {.way = Way::to_server, .flags_text = "FIN", .flags_set = kFin}; }

    PassingSegments passing_;
};

TEST_F(Selector, NumbersAreRelativeToTheConnection) {
    const PassingSegment data = pass(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 10});
    EXPECT_EQ(data.sequence, 1);
    EXPECT_EQ(data.acknowledgment, 1);
    EXPECT_FALSE(data.again);
    EXPECT_TRUE(pass(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 10}).again);
    EXPECT_TRUE(pass(Way::to_server, {.sequence = 5, .acknowledgment = 1, .length = 6}).again);
    EXPECT_FALSE(pass(Way::to_server, {.sequence = 5, .acknowledgment = 1, .length = 7}).again);
    EXPECT_FALSE(pass(Way::to_server, {.sequence = 0, .acknowledgment = 1}).again);  // a keepalive probe
    EXPECT_EQ(pass(Way::to_server, {.sequence = 0, .acknowledgment = 1}).sequence, 0);
}

TEST_F(Selector, ANewSynIsANewConnection) {
    EXPECT_TRUE(pass(Way::to_server, {.flags = kSyn}).again);
    const PassingSegment next = pass(Way::to_server, {.flags = kSyn, .sequence = 70000});
    EXPECT_FALSE(next.again);
    EXPECT_EQ(next.sequence, 0);
}

TEST_F(Selector, WithoutItsSynASegmentHasNoRelativeNumbers) {
    const PassingSegment data = pass(Way::to_server, {.sequence = 1, .length = 3, .family = Family::ipv6});
    EXPECT_FALSE(data.sequence);
    EXPECT_FALSE(data.acknowledgment);
    EXPECT_FALSE(selection({}, SettledNumber{.number = 1}).takes(data));
}

TEST_F(Selector, TakesTheNextThatMatchesOnce) {
    Selection next = selection(fin());
    EXPECT_FALSE(next.takes(pass(Way::to_server, {.sequence = 1, .acknowledgment = 1})));
    EXPECT_FALSE(next.takes(pass(Way::to_client, {.flags = kFin | kAck, .sequence = 1, .acknowledgment = 1})));
    EXPECT_TRUE(next.takes(pass(Way::to_server, {.flags = kFin | kAck, .sequence = 1, .acknowledgment = 1})));
    EXPECT_TRUE(next.exhausted());
    EXPECT_FALSE(next.takes(pass(Way::to_server, {.flags = kFin | kAck, .sequence = 1, .acknowledgment = 1})));
    EXPECT_EQ(next.shortfall(), "");
}

TEST_F(Selector, TakesFromTheNthOnSoMany) {
    SegmentSelector selector = fin();
    selector.nth = 2;
    selector.count = 2;
    Selection some = selection(selector);
    std::vector<bool> taken;
    for (int i = 0; i < 4; ++i)
        taken.push_back(some.takes(pass(Way::to_server, {.flags = kFin | kAck, .sequence = 1})));
    EXPECT_EQ(taken, (std::vector<bool>{false, true, true, false}));
}

TEST_F(Selector, TakesAllWhenToldTo) {
    SegmentSelector selector = fin();
    selector.count.reset();
    Selection all = selection(selector);
    EXPECT_NE(all.shortfall(), "");
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(all.takes(pass(Way::to_server, {.flags = kFin | kAck, .sequence = 1})));
    EXPECT_EQ(all.shortfall(), "");
}

TEST_F(Selector, ForbiddenFlagsAreNotThere) {
    SegmentSelector selector{.flags_text = "ACK", .flags_set = kAck, .flags_clear = kSyn | kFin | kRst | kUrg};
    selector.count.reset();
    Selection pure = selection(selector);
    EXPECT_FALSE(pure.takes(pass(Way::to_server, {.flags = kFin | kAck})));
    EXPECT_TRUE(pure.takes(pass(Way::to_server, {.flags = kPsh | kAck})));
}

TEST_F(Selector, EveryCriterionCounts) {
    const PassingSegment data = pass(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 10});
    SegmentSelector selector;
    selector.payload_length = Comparison{Relation::at_least, 10};
    selector.port = 7000;
    selector.family = Family::ipv4;
    selector.sending = SegmentSelector::Sending::first;
    EXPECT_TRUE(selection(selector, SettledNumber{.number = 1}, SettledNumber{.number = 1}).takes(data));

    const auto refuses = [&](auto change, std::string_view why) {
        SegmentSelector changed = selector;
        change(changed);
        Selection other = selection(changed);
        EXPECT_FALSE(other.takes(data));
        EXPECT_THAT(other.shortfall(), HasSubstr(why));
    };
    refuses([](auto& each) { each.payload_length = Comparison{Relation::equal, 0}; }, "1 with len=10");
    refuses([](auto& each) { each.port = 80; }, "of ports 40000 and 7000");
    refuses([](auto& each) { each.family = Family::ipv6; }, "of ipv4");
    refuses([](auto& each) { each.sending = SegmentSelector::Sending::again; }, "sent for the first time");
    EXPECT_FALSE(selection(selector, SettledNumber{.number = 2}).takes(data));
    EXPECT_FALSE(selection(selector, {}, SettledNumber{.relation = Relation::greater, .number = 1}).takes(data));
}

TEST_F(Selector, AbsoluteNumbersWrap) {
    const SettledNumber behind{.relation = Relation::greater, .absolute = true, .number = 0xfffffff0};
    EXPECT_TRUE(behind.holds(5, {}));
    EXPECT_FALSE(behind.holds(0xffffffef, {}));
    EXPECT_TRUE((SettledNumber{.absolute = true, .number = 5}.holds(5, {})));
}

TEST_F(Selector, SaysWhatPassedInstead) {
    Selection wrong = selection(fin());
    EXPECT_EQ(wrong.shortfall(), "no segment passed from client to server after it was set up");
    for (int i = 0; i < 2; ++i) wrong.takes(pass(Way::to_server, {}));
    wrong.takes(pass(Way::to_server, {.flags = kRst}));
    EXPECT_EQ(wrong.shortfall(), "3 segments passed from client to server, none was FIN: 2 ACK, 1 RST");
}

TEST_F(Selector, SaysThatTooFewMatched) {
    SegmentSelector selector = fin();
    selector.nth = 2;
    Selection second = selection(selector);
    second.takes(pass(Way::to_server, {.flags = kFin | kAck}));
    EXPECT_EQ(second.shortfall(), "1 segment passed from client to server, 1 matched, and number 2 was to be hit");
    selector.nth = 1;
    selector.count = 2;
    Selection two = selection(selector);
    two.takes(pass(Way::to_server, {.flags = kFin | kAck}));
    EXPECT_THAT(two.shortfall(), HasSubstr("1 was hit, but 2 were to be hit"));
}

}  // namespace
}  // namespace tcpwitness
