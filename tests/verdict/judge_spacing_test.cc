#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using namespace tcp_flag;

Timeline syns_at(const std::vector<Duration>& times) {
    TimelineBuilder builder;
    for (const Duration time : times) builder.at(time).lost("client", kSyn, 0, 0);
    return builder.finish();
}

const std::vector<Duration> kDoubling{milliseconds(0), milliseconds(1020), milliseconds(3050), milliseconds(7100)};

Finding judge_spacing(const Timeline& timeline, bool more = false, uint8_t flags = kSyn) {
    const Plan plan;
    return judge(Story(plan, timeline), SpacingExpectation{.source = line_at(20, ""),
                                                           .from = "client",
                                                           .to = "server",
                                                           .flags = flags,
                                                           .gaps = {seconds(1), seconds(2), seconds(4)},
                                                           .more = more});
}

TEST(JudgeSpacing, GapsWithinTheTolerance) {
    const Finding finding = judge_spacing(syns_at(kDoubling));
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "spacing");
    EXPECT_EQ(finding.expected, "1s, 2s, 4s");
    EXPECT_EQ(finding.observed, "1.02s, 2.03s, 4.05s");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{0, 1, 2, 3}));
}

TEST(JudgeSpacing, AGapThatIsWrong) {
    const Finding finding = judge_spacing(syns_at({milliseconds(0), seconds(1), seconds(2), seconds(6)}));
    EXPECT_EQ(finding.message,
              "repeat 2 of client > server SYN came 1s after the sending before it; 2s was expected (1.5s to "
              "2.5s, tolerance 25%)");
    EXPECT_EQ(finding.expected.substr(finding.expected_mark), "2s, 4s");
    EXPECT_EQ(finding.observed.substr(finding.observed_mark), "1s, 4s");
}

TEST(JudgeSpacing, TheNumberOfRepeatsIsExactUnlessMoreMayFollow) {
    std::vector<Duration> times = kDoubling;
    times.pop_back();
    EXPECT_EQ(judge_spacing(syns_at(times)).message,
              "client > server SYN was repeated 2 times before the story ended at 3.051s; 3 repeats were expected");
    EXPECT_FALSE(judge_spacing(syns_at(times), true).holds);
    times = kDoubling;
    times.push_back(seconds(15));
    const Finding many = judge_spacing(syns_at(times));
    EXPECT_EQ(many.message, "client > server SYN was repeated 4 times; 3 repeats were expected");
    EXPECT_EQ(many.observed.substr(many.observed_mark), "7.9s");
    EXPECT_TRUE(judge_spacing(syns_at(times), true).holds);
    EXPECT_EQ(judge_spacing(syns_at({seconds(0)})).observed, "not repeated");
    EXPECT_EQ(judge_spacing(TimelineBuilder().finish()).message, "no segment client > server SYN was sent");
}

TEST(JudgeSpacing, OnlySendingsOfTheSameBytesAreRepeats) {
    TimelineBuilder builder;
    for (const Duration time : kDoubling) {
        builder.at(time).lost("client", kAck, 1, 1, 100);
        builder.lost("client", kAck, 101, 1, 100).lost("client", kAck, 101, 1);  // other bytes, no bytes
        builder.lost("server", kAck, 1, 1, 100);                                 // the other direction
    }
    EXPECT_TRUE(judge_spacing(builder.finish(), false, kAck).holds);
    EXPECT_FALSE(judge_spacing(builder.finish(), false, kFin | kAck).holds);
    // A repeat that acknowledges more is a repeat; a copy made by the network is none.
    TimelineBuilder other;
    other.at(kDoubling[0]).segment("client", kAck, 1, 1, 100).forged("client", kAck, 1, 1, 100);
    for (size_t i = 1; i < kDoubling.size(); ++i) {
        other.at(kDoubling[i]).lost("client", kAck, 1, 1 + static_cast<uint32_t>(i), 100);
    }
    EXPECT_TRUE(judge_spacing(other.finish(), false, kAck).holds) << judge_spacing(other.finish(), false, kAck).message;
}

}  // namespace
}  // namespace tcpwitness
