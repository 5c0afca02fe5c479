#include <gtest/gtest.h>

#include "base/error.hh"
#include "verdict/plan_builder.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {
namespace {

using namespace testing;

TEST(VerdictJson, SurvivesTheWayThere) {
    Verdict verdict{Outcome::fail, "it differs", {}};
    verdict.findings.push_back({.holds = true, .kind = "step", .source = line_at(3, "bind"), .evidence = {1, 2}});
    verdict.findings.push_back({.undecided = true,
                                .kind = "states",
                                .source = line_at(9, "client c"),
                                .message = "not decided",
                                .expected = "A",
                                .observed = "B",
                                .expected_mark = 0,
                                .observed_mark = 4});
    const std::string text = verdict_to_json(verdict);
    const Verdict after = verdict_from_json(text);
    EXPECT_EQ(verdict_to_json(after), text);
    EXPECT_EQ(after.outcome, Outcome::fail);
    EXPECT_EQ(after.findings.at(0).expected_mark, std::string::npos);
    EXPECT_EQ(after.findings.at(1).expected_mark, 0u);
    EXPECT_EQ(after.findings.at(1).source.position.line, 9);
    EXPECT_TRUE(after.findings.at(1).undecided);
    EXPECT_EQ(after.findings.at(0).evidence, (std::vector<size_t>{1, 2}));
}

TEST(VerdictJson, EveryOutcomeHasItsName) {
    for (const Outcome outcome : {Outcome::pass, Outcome::fail, Outcome::skip, Outcome::error}) {
        EXPECT_EQ(verdict_from_json(verdict_to_json({outcome, "", {}})).outcome, outcome);
    }
    EXPECT_EQ(to_string(Outcome::skip), "skip");
}

TEST(VerdictJson, RefusesOtherText) {
    EXPECT_THROW(verdict_from_json(""), Error);
    EXPECT_THROW(verdict_from_json("{}"), Error);
    EXPECT_THROW(verdict_from_json(R"({"outcome": "maybe", "reason": "", "findings": []})"), Error);
}

}  // namespace
}  // namespace tcpwitness
