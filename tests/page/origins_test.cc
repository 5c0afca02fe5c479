#include "page/origins.hh"

#include <gtest/gtest.h>

#include "sample_records.hh"

namespace tcpwitness {
namespace {

// The event whose words are a state change into `to` on a socket.
size_t change_to(const Timeline& timeline, int socket, TcpState to) {
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        const auto* change = std::get_if<StateChange>(&timeline.events[i].body);
        if (change != nullptr && change->socket == socket && change->to == to) return i;
    }
    return timeline.events.size();
}

size_t sent_with(const Timeline& timeline, const std::string& host, uint8_t flags, size_t from = 0) {
    for (size_t i = from; i < timeline.events.size(); ++i) {
        const auto* seen = std::get_if<SegmentSeen>(&timeline.events[i].body);
        if (seen != nullptr && seen->host == host && seen->direction == Direction::sent && seen->segment.flags == flags)
            return i;
    }
    return timeline.events.size();
}

std::string step_words(const Plan& plan, const Origin& origin) {
    return origin.step ? plan.steps.at(static_cast<size_t>(*origin.step)).source.text : "";
}

int socket_named(const Timeline& timeline, const std::string& name) {
    for (const Socket& socket : timeline.sockets) {
        if (socket.name == name) return socket.index;
    }
    return -1;
}

class Origins : public testing::Test {
  protected:
    const ToldRun story_ = four_way_close();
    const Timeline& timeline_ = story_.timeline;
    const std::vector<Origin> origins_ = origins_of(story_.plan, timeline_);
    const int c_ = socket_named(timeline_, "c");
    const int s_ = socket_named(timeline_, "s");
};

TEST_F(Origins, AStateChangeComesOfTheCallThatIsInTheKernel) {
    const Origin& origin = origins_.at(change_to(timeline_, c_, TcpState::fin_wait_1));
    EXPECT_EQ(origin.how, "during shutdown(c, SHUT_WR)");
    EXPECT_EQ(step_words(story_.plan, origin), "- client: shutdown(c, SHUT_WR)");
}

TEST_F(Origins, AStateChangeComesOfTheSegmentThatArrived) {
    const size_t change = change_to(timeline_, s_, TcpState::close_wait);
    const Origin& origin = origins_.at(change);
    ASSERT_TRUE(origin.after);
    const auto& arrived = std::get<SegmentSeen>(timeline_.events.at(*origin.after).body);
    EXPECT_EQ(arrived.host, "server");
    EXPECT_EQ(arrived.segment.flags, kFin | kAck);
    EXPECT_NE(origin.how.find("FIN ACK arrived"), std::string::npos) << origin.how;
    EXPECT_EQ(step_words(story_.plan, origin), "- client: shutdown(c, SHUT_WR)") << "followed back over the wire";
}

TEST_F(Origins, ALateAckIsTracedByItsNumber) {
    const size_t ack = sent_with(timeline_, "server", kAck);
    EXPECT_EQ(origins_.at(ack).how, "acknowledges FIN ACK") << "41 ms later";
    EXPECT_EQ(step_words(story_.plan, origins_.at(ack)), "- client: shutdown(c, SHUT_WR)");
}

TEST_F(Origins, ASynAckAnswersTheSynAndAFinIsTheProgramsOwn) {
    EXPECT_EQ(origins_.at(sent_with(timeline_, "server", kSyn | kAck)).how, "acknowledges SYN");
    EXPECT_EQ(origins_.at(sent_with(timeline_, "server", kFin | kAck)).how, "during close(s)");
}

TEST_F(Origins, WhatATimerDidHasNoOrigin) {
    const Origin& origin = origins_.at(change_to(timeline_, c_, TcpState::closed));
    EXPECT_FALSE(origin.after);
    EXPECT_FALSE(origin.step);
}

TEST(OriginsOfABadLine, ARetransmissionComesOfNothingThatWasSeen) {
    const ToldRun story = bad_line();
    const size_t first = sent_with(story.timeline, "server", kFin | kAck);
    const size_t again = sent_with(story.timeline, "server", kFin | kAck, first + 1);
    ASSERT_LT(again, story.timeline.events.size());
    const std::vector<Origin> origins = origins_of(story.plan, story.timeline);
    EXPECT_EQ(origins.at(first).how, "during close(s)");
    EXPECT_FALSE(origins.at(again).after);
}

TEST(OriginsOfABadLine, ARestartOfTimeWaitComesOfTheSegmentThatArrived) {
    const ToldRun story = bad_line();
    const std::vector<Origin> origins = origins_of(story.plan, story.timeline);
    for (size_t i = 0; i < origins.size(); ++i) {
        if (!std::holds_alternative<TimeWaitRestart>(story.timeline.events[i].body)) continue;
        ASSERT_TRUE(origins[i].after);
        EXPECT_NE(origins[i].how.find("FIN ACK arrived"), std::string::npos) << origins[i].how;
        return;
    }
    FAIL() << "the story has no restart";
}

TEST(OriginsOfNothing, AreNone) {
    EXPECT_TRUE(origins_of({}, {}).empty());
}

}  // namespace
}  // namespace tcpwitness
