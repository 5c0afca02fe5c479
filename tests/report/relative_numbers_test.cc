#include "report/relative_numbers.hh"

#include <gtest/gtest.h>

#include "told_run.hh"

namespace tcpwitness {
namespace {

std::vector<std::string> described(const ToldRun& story) {
    const std::vector<Journey> ways = journeys(story.timeline);
    const std::vector<SegmentNumbers> numbers = number_segments(story.timeline, ways);
    std::vector<std::string> lines;
    for (size_t i = 0; i < ways.size(); ++i)
        lines.push_back(describe_segment(segment_of(story.timeline, ways[i]), numbers[i]));
    return lines;
}

TEST(RelativeNumbers, CountFromEachEndsInitialNumberAcrossTheWrap) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0).segment(false, tcp_flag::kSyn | tcp_flag::kAck, 0, 1);
    story.segment(false, tcp_flag::kAck, 1, 1, 1000).segment(true, tcp_flag::kAck, 1, 1001);
    EXPECT_EQ(described(story), (std::vector<std::string>{"SYN seq=0", "SYN ACK seq=0 ack=1",
                                                          "ACK seq=1 ack=1 len=1000", "ACK seq=1 ack=1001"}));
}

TEST(RelativeNumbers, ARepeatIsSaidToBeOne) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0, 0, -1).after(1000000).segment(true, tcp_flag::kSyn, 0, 0);
    story.segment(true, tcp_flag::kAck, 1, 1, 100)
        .segment(true, tcp_flag::kAck, 1, 1, 200)
        .segment(true, tcp_flag::kAck, 101, 1, 100);
    const std::vector<std::string> lines = described(story);
    EXPECT_EQ(lines[1], "SYN seq=0 again");
    EXPECT_EQ(lines[3], "ACK seq=1 ack=#4294967291 len=200") << "half of it is new";
    EXPECT_EQ(lines[4], "ACK seq=101 ack=#4294967291 len=100 again");
}

TEST(RelativeNumbers, WithoutASynTheyStayAsOnTheWire) {
    ToldRun story;
    story.segment(true, tcp_flag::kAck, 5, 7);
    EXPECT_EQ(described(story), (std::vector<std::string>{"ACK seq=#1000005 ack=#1"}));
}

TEST(RelativeNumbers, AForgedSynMovesNothing) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0)
        .forged(true, tcp_flag::kSyn, 77, 0)
        .after(50)
        .segment(true, tcp_flag::kAck, 1, 1);
    const std::vector<std::string> lines = described(story);
    EXPECT_EQ(lines[1], "SYN seq=77");
    EXPECT_EQ(lines[2].substr(0, 9), "ACK seq=1");
}

TEST(RelativeNumbers, ANewSynOnTheSameAddressesBeginsAnew) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0)
        .after(100)
        .segment(true, tcp_flag::kSyn, 500000, 0)
        .segment(true, tcp_flag::kAck, 500001, 1);
    const std::vector<std::string> lines = described(story);
    EXPECT_EQ(lines[1], "SYN seq=0");
    EXPECT_EQ(lines[2].substr(0, 9), "ACK seq=1");
}

}  // namespace
}  // namespace tcpwitness
