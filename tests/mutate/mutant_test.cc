// Which changes are made of a plan, and which are not because they only say less.
#include "mutate/mutant.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "verdict/plan_builder.hh"

namespace tcpwitness {
namespace {

using namespace tcpwitness::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> changes_of(const Plan& plan) {
    std::vector<std::string> changes;
    for (const Mutant& mutant : mutants_of(plan)) changes.push_back(mutant.change);
    return changes;
}

Plan with_states(const std::string& text) {
    Plan plan;
    plan.expectations.states.push_back(states_expected("client c", text));
    return plan;
}

Plan with_wire(const std::vector<std::string>& lines) {
    Plan plan;
    plan.expectations.wire = wire_of(lines);
    return plan;
}

TEST(Mutant, ResultsOfCalls) {
    Plan plan;
    plan.steps.push_back(step_of(3, "send", call_of("client", "send", "c", returns(10))));
    plan.steps.push_back(step_of(4, "recv", call_of("client", "recv", "c", fails_with(ECONNRESET))));
    plan.steps.push_back(step_of(5, "close", call_of("client", "close", "c")));
    EXPECT_THAT(changes_of(plan),
                ElementsAre("10 is 11", "10 is EIO", "ECONNRESET is EIO", "ECONNRESET is success", "success is EIO"));
}

TEST(Mutant, NothingOfCallsThatSayNothing) {
    Plan plan;
    ExpectedResult any{.kind = ExpectedResult::Kind::any};
    plan.steps.push_back(step_of(3, "send", call_of("client", "send", "c", any)));
    plan.steps.push_back(step_of(4, "recv = ...", call_of("client", "recv", "c", {}, CallMode::begin)));
    plan.steps.push_back(step_of(5, "exit()", call_of("client", "exit", "c")));
    EXPECT_THAT(changes_of(plan), IsEmpty());
}

TEST(Mutant, EveryOtherStateAndAStateLeftOut) {
    const std::vector<std::string> changes = changes_of(with_states("SYN_SENT -> ESTABLISHED"));
    EXPECT_EQ(changes.size(), 2U * 10U + 2U);
    EXPECT_THAT(changes, Contains("ESTABLISHED is CLOSING"));
    EXPECT_THAT(changes, Contains("ESTABLISHED is left out"));
}

TEST(Mutant, AStateBesideAGapIsNotLeftOut) {
    const std::vector<std::string> changes = changes_of(with_states("... -> FIN_WAIT_2 -> TIME_WAIT"));
    EXPECT_THAT(changes, Not(Contains("FIN_WAIT_2 is left out")));
    EXPECT_THAT(changes, Contains("TIME_WAIT is left out"));
}

TEST(Mutant, AChoiceIsNotReplacedByOneOfItsAlternatives) {
    const std::vector<std::string> changes = changes_of(with_states("SYN_SENT -> (FIN_WAIT_2 | CLOSING)"));
    EXPECT_THAT(changes, Not(Contains("FIN_WAIT_2 or CLOSING is CLOSING")));
    EXPECT_THAT(changes, Contains("FIN_WAIT_2 or CLOSING is LAST_ACK"));
}

TEST(Mutant, DurationsAreDoubledAndHalved) {
    const std::vector<std::string> changes = changes_of(with_states("LAST_ACK[150ms..2s]"));
    EXPECT_THAT(changes, Contains("LAST_ACK[150ms..2s] is LAST_ACK[300ms..4s]"));
    EXPECT_THAT(changes, Contains("LAST_ACK[150ms..2s] is LAST_ACK[75ms..1s]"));
}

TEST(Mutant, OfARangeWithOneEndTheOtherSide) {
    EXPECT_THAT(changes_of(with_states("LAST_ACK[2s..]")), Contains("LAST_ACK[2s..] is LAST_ACK[..2s]"));
    EXPECT_THAT(changes_of(with_states("LAST_ACK[0s..2s]")), Contains("LAST_ACK[0s..2s] is LAST_ACK[2s..]"));
}

TEST(Mutant, WireLines) {
    const std::vector<std::string> changes =
        changes_of(with_wire({"client > server: SYN seq=p", "server > client: SYN ACK ack=p+1"}));
    for (const char* change : {"the line is left out", "the line is given twice", "it comes after the next line",
                               "seq=p is seq=p+1", "ack=p+1 is ack=p+2", "SYN is SYN ACK", "SYN ACK is ACK",
                               "it is lost", "it is forged", "client > server is server > client"})
        EXPECT_THAT(changes, Contains(change));
}

TEST(Mutant, ALineBesideAGapIsNotLeftOut) {
    const std::vector<std::string> changes = changes_of(with_wire({"...", "client > server: FIN ACK"}));
    EXPECT_THAT(changes, Not(Contains("the line is left out")));
    EXPECT_THAT(changes, Contains("the line is given twice"));
}

TEST(Mutant, AnOptionalLineIsNamedAsSuch) {
    for (const Mutant& mutant : mutants_of(with_wire({"client > server: SYN", "client > server: ACK ?"})))
        EXPECT_EQ(mutant.optional_line.has_value(), mutant.source.position.line == 32) << mutant.change;
}

TEST(Mutant, CountersSocketsSpacingAndExits) {
    Plan plan;
    plan.expectations.counters.push_back({line_at(40, ""), "client", "Tcp.OutRsts", {Relation::equal, 1}});
    plan.expectations.counters.push_back({line_at(41, ""), "client", "Tcp.InErrs", {Relation::at_least, 2}});
    plan.expectations.sockets.push_back({line_at(42, ""), "server", {{TcpState::listen, {Relation::equal, 1}}}});
    plan.expectations.spacing.push_back({.source = line_at(43, ""), .gaps = {std::chrono::seconds(1)}});
    plan.expectations.exits.push_back({line_at(44, ""), "client", 0, std::nullopt});
    EXPECT_THAT(changes_of(plan),
                ElementsAre("server: LISTEN 1 is 2", "server: LISTEN is not named", "Tcp.OutRsts 1 is 2",
                            "Tcp.InErrs >= 2 is < 2", "gap 1s is 2s", "gap 1s is 500ms", "the last gap is left out",
                            "the last gap is given twice", "status 0 is 1"));
}

TEST(Mutant, OnlyTheCopyIsChanged) {
    const Plan plan = with_states("SYN_SENT -> ESTABLISHED");
    for (const Mutant& mutant : mutants_of(plan))
        EXPECT_NE(plan_to_json(mutated(plan, mutant)), plan_to_json(plan)) << mutant.change;
}

}  // namespace
}  // namespace tcpwitness
