// A pattern must be judged quickly whatever the story: 10 000 segments, gaps, and patterns that say too little.
#include <gtest/gtest.h>

#include <ctime>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using namespace tcp_flag;

// A long transfer: data one way, acknowledgments the other.
const Timeline& long_story() {
    static const Timeline kTimeline = [] {
        TimelineBuilder builder;
        builder.segment("client", kSyn, 0, 0).segment("server", kSyn | kAck, 0, 1);
        for (uint32_t i = 0; i < 5000; ++i) {
            builder.segment("client", kAck, 1 + i * 1000, 1, 1000).segment("server", kAck, 1, 1001 + i * 1000);
        }
        builder.segment("client", kFin | kAck, 5'000'001, 1);
        return builder.finish();
    }();
    return kTimeline;
}

// Evaluates and reports the processor time in seconds. The limit is wide because sanitizers are slow.
Verdict timed(const std::vector<std::string>& lines, const std::string& name) {
    Plan plan;
    plan.expectations.wire = wire_of(lines);
    const Timeline& story = long_story();
    const std::clock_t before = std::clock();
    Verdict verdict = evaluate(plan, story);
    const double taken = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    ::testing::Test::RecordProperty(name, std::to_string(taken));
    EXPECT_LT(taken, 5) << name;
    return verdict;
}

TEST(WireSpeed, AGapOverTenThousandSegments) {
    const Verdict verdict = timed({"client > server: SYN seq=p", "...", "client > server: FIN ACK seq=m ack=n"}, "gap");
    EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
}

TEST(WireSpeed, AVariableCarriedOverAGap) {
    EXPECT_EQ(timed({"...", "client > server: ACK seq=n len=s", "...", "client > server: FIN ACK seq=n+s"}, "carried")
                  .outcome,
              Outcome::pass);
}

TEST(WireSpeed, BindingsThatNobodyUsesAgainCostNothing) {
    EXPECT_EQ(timed({"...", "client > server: ACK seq=a", "...", "server > client: ACK ack=b", "...",
                     "client > server: ACK seq=c", "...", "client > server: RST"},
                    "unused")
                  .outcome,
              Outcome::fail);
}

TEST(WireSpeed, APatternThatSaysTooLittleIsGivenUpAndSaidSo) {
    const Verdict verdict = timed({"...", "client > server: ACK seq=a", "...", "client > server: ACK seq=b", "...",
                                   "client > server: RST seq=a+b"},
                                  "too open");
    EXPECT_EQ(verdict.outcome, Outcome::skip);
    EXPECT_NE(verdict.reason.find("the pattern can be read in too many ways"), std::string::npos);
}

}  // namespace
}  // namespace tcpwitness
