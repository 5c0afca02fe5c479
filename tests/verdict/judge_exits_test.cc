#include <gtest/gtest.h>

#include <csignal>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

Finding judge_exit(const std::vector<ProgramExited>& exits, std::optional<int> status, std::optional<int> signal) {
    TimelineBuilder builder;
    for (const ProgramExited& exited : exits) builder.add(exited);
    builder.end_story().add(ProgramExited{"nginx", 0, SIGKILL, true});
    const Timeline timeline = builder.finish();
    const Plan plan;
    return judge(Story(plan, timeline), ExitExpectation{line_at(20, ""), "nginx", status, signal});
}

TEST(JudgeExits, StatusAndSignal) {
    EXPECT_TRUE(judge_exit({{"nginx", 0, 0}}, 0, {}).holds);
    EXPECT_TRUE(judge_exit({{"nginx", 0, SIGINT}}, {}, SIGINT).holds);
    EXPECT_TRUE(judge_exit({{"nginx", 3, 0}}, {}, {}).holds);
    const Finding finding = judge_exit({{"nginx", 0, SIGKILL}}, 0, {});
    EXPECT_EQ(finding.kind, "exit");
    EXPECT_EQ(finding.message, "nginx ended with SIGKILL; exit status 0 was expected");
    EXPECT_EQ(judge_exit({{"nginx", 2, 0}}, {}, SIGINT).message, "nginx ended with exit status 2; SIGINT was expected");
    EXPECT_EQ(judge_exit({{"nginx", 2, 0}}, 0, {}).message,
              "nginx ended with exit status 2; exit status 0 was expected");
}

TEST(JudgeExits, TheEndMustBeInTheStory) {
    EXPECT_EQ(judge_exit({}, {}, SIGKILL).message, "nginx had not ended when the story did; SIGKILL was expected");
    EXPECT_FALSE(judge_exit({{"redis", 0, 0}}, {}, {}).holds);
    EXPECT_FALSE(judge_exit({{"nginx", 0, SIGKILL, true}}, {}, {}).holds);
    // Of more than one the last counts.
    const Finding finding = judge_exit({{"nginx", 1, 0}, {"nginx", 0, 0}}, 0, {});
    EXPECT_TRUE(finding.holds);
    EXPECT_EQ(finding.evidence, std::vector<size_t>{1});
}

}  // namespace
}  // namespace tcpwitness
