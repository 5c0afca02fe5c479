#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

// TIME_WAIT from 10 ms on, restarted at 5 s, ended by its timer at 65 s.
Timeline restarted(bool ended = true) {
    TimelineBuilder builder;
    const int client = builder.socket("client", "c");
    const int other = builder.socket("server", "s");
    builder.state(client, TcpState::fin_wait_2).at(milliseconds(10)).state(client, TcpState::time_wait);
    builder.add(TimeWaitRestart{other, Source::tracepoint});
    builder.at(seconds(5)).add(TimeWaitRestart{client, Source::tracepoint}).at(seconds(65));
    if (ended) builder.state(client, TcpState::closed, Source::timer, "timer");
    return builder.finish();
}

TimeWaitExpectation expecting(const std::string& socket = "client c") {
    return {.source = line_at(20, ""), .socket = socket_called(socket)};
}

Finding judge_restarts(const Timeline& timeline, int64_t restarts) {
    TimeWaitExpectation expectation = expecting();
    expectation.restarts = Comparison{Relation::equal, restarts};
    const Plan plan;
    return judge(Story(plan, timeline), expectation);
}

Finding judge_length(const Timeline& timeline, const std::string& length) {
    TimeWaitExpectation expectation = expecting();
    expectation.length = range_of(length);
    expectation.length_text = length;
    const Plan plan;
    return judge(Story(plan, timeline), expectation);
}

Finding judge_end(const Timeline& timeline, const std::string& cause) {
    TimeWaitExpectation expectation = expecting();
    expectation.ended_by = cause;
    const Plan plan;
    return judge(Story(plan, timeline), expectation);
}

TEST(JudgeTimeWait, CountsRestarts) {
    const Finding finding = judge_restarts(restarted(), 1);
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "timewait");
    EXPECT_EQ(finding.expected, "{restarts: 1}");
    EXPECT_EQ(finding.observed, "{restarts: 1}");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{1, 3, 4}));
    const Finding wrong = judge_restarts(restarted(), 0);
    EXPECT_EQ(wrong.message, "the TIME_WAIT of client c began again 1 time; 0 was expected");
    Timeline without = restarted();
    without.events.erase(without.events.begin() + 3);
    EXPECT_FALSE(judge_restarts(without, 1).holds);
}

TEST(JudgeTimeWait, MeasuresItsLength) {
    EXPECT_TRUE(judge_length(restarted(), "60s..62s").holds);
    const Finding wrong = judge_length(restarted(), "61s..62s");
    EXPECT_EQ(wrong.message,
              "the TIME_WAIT of client c lasted 60s after its last restart; 61s..62s (61s to 62s) was expected");
    EXPECT_EQ(wrong.observed, "{length: 60s}");
    EXPECT_EQ(wrong.observed_mark, 1u);
    EXPECT_EQ(judge_length(restarted(false), "60s..70s").message,
              "client c was still in TIME_WAIT, after 60s, when the story ended; a length of 60s..70s was expected");
}

TEST(JudgeTimeWait, SaysWhatEndedIt) {
    EXPECT_TRUE(judge_end(restarted(), "timer").holds);
    EXPECT_EQ(judge_end(restarted(), "descheduled").message,
              "the TIME_WAIT of client c was ended by timer; descheduled was expected");
    EXPECT_EQ(judge_end(restarted(false), "timer").message,
              "client c was still in TIME_WAIT when the story ended; it was expected to be ended by timer");
}

TEST(JudgeTimeWait, NeedsATimeWaitAndObserversThatSeeIt) {
    TimelineBuilder builder;
    builder.state(builder.socket("client", "c"), TcpState::established);
    EXPECT_EQ(judge_restarts(builder.finish(), 0).message, "client c was never in TIME_WAIT");
    EXPECT_EQ(judge_restarts(TimelineBuilder().finish(), 0).message, "no socket 'client c' was seen");
    for (const size_t event : {1, 4}) {
        Timeline inferred = restarted();
        std::get<StateChange>(inferred.events[event].body).source = Source::inferred;
        EXPECT_TRUE(judge_restarts(inferred, 1).undecided);
        EXPECT_EQ(judge_restarts(inferred, 1).message,
                  "not decided: the TIME_WAIT of client c was not seen as it happened");
    }
    Timeline sampled = restarted();
    std::get<TimeWaitRestart>(sampled.events[3].body).source = Source::sock_diag;
    EXPECT_TRUE(judge_restarts(sampled, 1).undecided);
    Timeline blind = restarted();
    blind.observed.exact_time_wait = false;
    EXPECT_TRUE(judge_restarts(blind, 1).undecided);
    EXPECT_FALSE(judge_restarts(blind, 1).holds);
}

}  // namespace
}  // namespace tcpwitness
