#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

Finding judge_counter(const std::string& host, const std::string& counter, Comparison comparison) {
    TimelineBuilder builder;
    builder.timeline().counters["server"] = {{"TcpExt.ListenDrops", 2}, {"TcpExt.TCPTimeWaitOverflow", 0}};
    const Timeline timeline = builder.finish();
    const Plan plan;
    return judge(Story(plan, timeline), CounterExpectation{line_at(20, ""), host, counter, comparison});
}

TEST(JudgeCounters, ComparesTheChange) {
    const Finding finding = judge_counter("server", "TcpExt.ListenDrops", {Relation::at_least, 1});
    EXPECT_TRUE(finding.holds);
    EXPECT_EQ(finding.kind, "counters");
    EXPECT_EQ(finding.expected, "TcpExt.ListenDrops: >= 1");
    EXPECT_EQ(finding.observed, "TcpExt.ListenDrops: 2");
    EXPECT_TRUE(judge_counter("server", "TcpExt.TCPTimeWaitOverflow", {Relation::equal, 0}).holds);
    const Finding wrong = judge_counter("server", "TcpExt.ListenDrops", {Relation::equal, 1});
    EXPECT_EQ(wrong.message, "TcpExt.ListenDrops of server rose by 2; 1 was expected");
    EXPECT_EQ(wrong.observed.substr(wrong.observed_mark), "2");
}

TEST(JudgeCounters, ACounterThatIsNotThereIsNotZero) {
    const Finding finding = judge_counter("server", "TcpExt.Missing", {Relation::equal, 0});
    EXPECT_TRUE(finding.undecided);
    EXPECT_FALSE(finding.holds);
    EXPECT_EQ(finding.message, "not decided: the kernel of this run (6.12.0) has no counter TcpExt.Missing");
    EXPECT_EQ(judge_counter("client", "TcpExt.ListenDrops", {Relation::equal, 0}).message,
              "not decided: no counters of client were read");
}

}  // namespace
}  // namespace tcpwitness
