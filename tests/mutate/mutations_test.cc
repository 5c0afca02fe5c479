// Which changes a recorded run notices.
#include "mutate/mutations.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace tcpwitness::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A client that connects and closes.
Timeline connection() {
    TimelineBuilder builder;
    const int c = builder.socket("client", "c");
    builder.states(c, {TcpState::syn_sent, TcpState::established, TcpState::fin_wait_1});
    builder.segment("client", tcp_flag::kSyn, 0, 0).segment("client", tcp_flag::kAck, 1, 1);
    return builder.finish();
}

Record record_of(const std::string& states, const std::string& comment = {}) {
    Record record{.timeline = connection()};
    record.plan.id = "a[ipv4]";
    record.plan.source = {"a_case.yaml", 1, 1};
    record.plan.case_text.assign(30, "");
    record.plan.case_text[19] = "    client c: " + states + comment;  // states_expected() stands in line 20
    record.plan.expectations.states.push_back(states_expected("client c", states));
    return record;
}

std::vector<std::string> survivors_of(const Mutations& mutations) {
    std::vector<std::string> changes;
    for (const Survivor& survivor : mutations.survivors()) changes.push_back(survivor.change);
    return changes;
}

TEST(Mutations, AFullSequenceNoticesEverything) {
    Mutations mutations;
    mutations.add(record_of("SYN_SENT -> ESTABLISHED -> FIN_WAIT_1"));
    EXPECT_EQ(mutations.judged(), 1U);
    EXPECT_GT(mutations.changes(), 30U);
    EXPECT_THAT(survivors_of(mutations), IsEmpty());
}

TEST(Mutations, AStateBetweenGapsMayAsWellBeAnother) {
    Mutations mutations;
    mutations.add(record_of("... -> ESTABLISHED -> ..."));
    EXPECT_THAT(survivors_of(mutations), ElementsAre("ESTABLISHED is FIN_WAIT_1", "ESTABLISHED is SYN_SENT"));
    EXPECT_EQ(mutations.unexplained(), 2U);
    EXPECT_EQ(mutations.survivors().front().source.position.line, 20);
    EXPECT_THAT(mutations.survivors().front().runs, ElementsAre("a[ipv4]"));
}

TEST(Mutations, TheLineMayExplainIt) {
    Mutations mutations;
    mutations.add(record_of("... -> ESTABLISHED -> ...", "   # unnoticed: only that it came so far is meant"));
    EXPECT_EQ(mutations.survivors().size(), 2U);
    EXPECT_EQ(mutations.unexplained(), 0U);
    EXPECT_EQ(mutations.survivors().front().reason, "only that it came so far is meant");
    EXPECT_THAT(mutations.needless_reasons(), IsEmpty());
}

TEST(Mutations, AReasonMayComeFromOutsideTheCase) {
    Mutations mutations;
    mutations.explain("a_case.yaml", 20, "the text is given");
    mutations.explain("other.yaml", 20, "not this case");
    mutations.add(record_of("... -> ESTABLISHED -> ..."));
    EXPECT_EQ(mutations.unexplained(), 0U);
    EXPECT_EQ(mutations.survivors().front().reason, "the text is given");
}

// The first CLOSED of the sequence is another change than the second.
TEST(Mutations, TheSameWordsOfOneLineAreSeveralChanges) {
    TimelineBuilder builder;
    const int c = builder.socket("client", "c");
    builder.states(c, {TcpState::syn_sent, TcpState::closed, TcpState::syn_sent, TcpState::closed});
    Record record = record_of("... -> CLOSED -> ... -> CLOSED");
    record.timeline = builder.finish();
    Mutations mutations;
    mutations.add(record);
    EXPECT_THAT(survivors_of(mutations), ElementsAre("CLOSED is SYN_SENT"));
}

TEST(Mutations, AnExplanationOfNothingIsTold) {
    Mutations mutations;
    mutations.add(record_of("SYN_SENT -> ESTABLISHED -> FIN_WAIT_1", "  # unnoticed: it was once"));
    ASSERT_EQ(mutations.needless_reasons().size(), 1U);
    EXPECT_EQ(mutations.needless_reasons().front().position.line, 20);
}

TEST(Mutations, WhatOneRunOfTheCaseNoticesIsNoticed) {
    Mutations mutations;
    mutations.add(record_of("... -> ESTABLISHED -> ..."));
    Record other = record_of("... -> ESTABLISHED -> ...");
    TimelineBuilder builder;
    builder.states(builder.socket("client", "c"), {TcpState::syn_sent, TcpState::established});
    other.timeline = builder.finish();
    mutations.add(other);
    EXPECT_THAT(survivors_of(mutations), ElementsAre("ESTABLISHED is SYN_SENT"));
}

TEST(Mutations, AVariableThatIsUsedOnceSaysNothing) {
    Mutations mutations;
    Record record{.timeline = connection()};
    record.plan.expectations.wire = wire_of({"client > server: SYN seq=p", "client > server: ACK seq=p+1 ack=q"});
    mutations.add(record);
    EXPECT_THAT(survivors_of(mutations), ElementsAre("ack=q is ack=q+1"));
}

TEST(Mutations, AnOptionalLineThatTookNothingIsNotAsked) {
    Mutations mutations;
    Record record{.timeline = connection()};
    record.plan.expectations.wire =
        wire_of({"client > server: SYN seq=p", "client > server: ACK seq=p+1", "client > server: FIN ACK seq=p+5 ?"});
    mutations.add(record);
    EXPECT_THAT(survivors_of(mutations), IsEmpty());
}

TEST(Mutations, RunsThatDoNotPassAreToldAndNotJudged) {
    Mutations mutations;
    mutations.add(record_of("SYN_SENT -> CLOSED"));
    Record skipped = record_of("SYN_SENT");
    skipped.plan.skip = "no netem";
    mutations.add(skipped);
    EXPECT_EQ(mutations.judged(), 0U);
    EXPECT_THAT(mutations.not_passed(), ElementsAre(StartsWith("a[ipv4]: fail: ")));
    EXPECT_THAT(mutations.skipped(), ElementsAre("a[ipv4]: no netem"));
}

}  // namespace
}  // namespace tcpwitness
