#include <gtest/gtest.h>

#include <cerrno>

#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using enum TcpState;

// A case with a wait, a drop and an expectation of states.
Plan small_plan() {
    Plan plan;
    plan.steps.push_back(step_of(5, "wait: 1s", WaitStep{seconds(1)}));
    PathStep drop;
    drop.function = "drop";
    plan.steps.push_back(step_of(6, "path: drop(client > server, FIN)", drop));
    plan.expectations.states.push_back(states_expected("client c", "SYN_SENT -> ESTABLISHED"));
    return plan;
}

TimelineBuilder small_run(bool fault_fires = true) {
    TimelineBuilder builder;
    builder.add(StepBegan{0}).add(StepEnded{0, StepOutcome::done, ""});
    builder.states(builder.socket("client", "c"), {syn_sent, established});
    builder.add(StepBegan{1}).add(StepEnded{1, StepOutcome::done, ""});
    if (fault_fires) builder.add(FaultFired{1, "drop", 1, std::nullopt});
    return builder;
}

TEST(Evaluate, PassesWhenAllHolds) {
    const Verdict verdict = evaluate(small_plan(), small_run().finish());
    EXPECT_EQ(verdict.outcome, Outcome::pass) << verdict.reason;
    EXPECT_EQ(verdict.reason, "");
    EXPECT_EQ(verdict.findings.size(), 1u);
}

TEST(Evaluate, FailsWithTheFirstFindingThatDoesNotHold) {
    Plan plan = small_plan();
    plan.expectations.states.push_back(states_expected("client c", "LISTEN", 10));
    plan.expectations.sockets.push_back({line_at(8, "server: {LISTEN: 1}"), "server", {{listen, {}}}});
    plan.expectations.sockets.back().states[0].second.value = 1;
    const Verdict verdict = evaluate(plan, small_run().finish());
    EXPECT_EQ(verdict.outcome, Outcome::fail);
    ASSERT_EQ(verdict.findings.size(), 3u);
    EXPECT_EQ(verdict.reason, "server has 0 sockets in LISTEN at the end of the story; 1 was expected");
    EXPECT_EQ(verdict.findings[0].source.position.line, 8);  // in the order of the case
    EXPECT_EQ(verdict.findings[1].source.position.line, 10);
    EXPECT_TRUE(verdict.findings[2].holds);
}

TEST(Evaluate, SkipsWhatCannotRunHere) {
    Plan plan = small_plan();
    plan.skip = "needs netem";
    EXPECT_EQ(evaluate(plan, {}).outcome, Outcome::skip);
    EXPECT_EQ(evaluate(plan, {}).reason, "needs netem");
    Timeline timeline = small_run().finish();
    timeline.unsupported = "no veth";
    timeline.error = "something else";
    EXPECT_EQ(evaluate(small_plan(), timeline).reason, "no veth");
    TimelineBuilder builder;
    builder.add(StepBegan{0}).add(StepEnded{0, StepOutcome::unsupported, "this kernel has no netem"});
    const Verdict verdict = evaluate(small_plan(), builder.finish());
    EXPECT_EQ(verdict.outcome, Outcome::skip);
    EXPECT_EQ(verdict.reason, "a_case.yaml:5:5: wait: 1s: this kernel has no netem");
}

TEST(Evaluate, ARunThatBrokeIsAnError) {
    Timeline timeline = small_run().finish();
    timeline.complete = false;
    EXPECT_EQ(evaluate(small_plan(), timeline).outcome, Outcome::error);
    EXPECT_EQ(evaluate(small_plan(), timeline).reason, "the run ended early: its timeline is not complete");
    EXPECT_EQ(evaluate(small_plan(), {}).outcome, Outcome::error);
    timeline.error = "setns: Operation not permitted";
    EXPECT_EQ(evaluate(small_plan(), timeline).reason, "setns: Operation not permitted");
    TimelineBuilder builder = small_run();
    builder.add(RecordsLost{"capture", 3});
    EXPECT_EQ(evaluate(small_plan(), builder.finish()).reason, "the observer 'capture' lost 3 records");
    TimelineBuilder broken;
    broken.add(StepBegan{0}).add(StepEnded{0, StepOutcome::broken, "the actor is gone"});
    EXPECT_EQ(evaluate(small_plan(), broken.finish()).reason, "a_case.yaml:5:5: wait: 1s: the actor is gone");
    EXPECT_EQ(evaluate(small_plan(), broken.finish()).outcome, Outcome::error);
}

TEST(Evaluate, AFaultThatNeverHappenedIsAnError) {
    const Verdict verdict = evaluate(small_plan(), small_run(false).finish());
    EXPECT_EQ(verdict.outcome, Outcome::error);
    EXPECT_EQ(verdict.reason,
              "a_case.yaml:6:5: path: drop(client > server, FIN): it never happened, so the case did not "
              "test what it is about");
    TimelineBuilder none = small_run(false);
    none.add(FaultFired{1, "drop", 0, std::nullopt});
    EXPECT_EQ(evaluate(small_plan(), none.finish()).outcome, Outcome::error);
    TimelineBuilder late = small_run(false);
    late.end_story().add(FaultFired{1, "drop", 1, std::nullopt});
    EXPECT_EQ(evaluate(small_plan(), late.finish()).outcome, Outcome::error);
    TimelineBuilder other = small_run(false);
    other.add(FaultFired{0, "drop", 1, std::nullopt}).add(FaultFired{77, "drop", 1, std::nullopt});
    EXPECT_EQ(evaluate(small_plan(), other.finish()).outcome, Outcome::error);
    // What shapes the line need not hit anything; a trick that is not known here must.
    Plan netem = small_plan();
    std::get<PathStep>(netem.steps[1].action) = PathStep{"netem", {"both"}, NetemTrick{}};
    EXPECT_EQ(evaluate(netem, small_run(false).finish()).outcome, Outcome::pass);
}

TEST(Evaluate, WhatWasNotSeenIsASkipButNeverHidesAFailure) {
    Plan plan = small_plan();
    plan.expectations.time_wait.push_back({.source = line_at(30, ""), .socket = socket_called("client c")});
    Timeline timeline = small_run().finish();
    timeline.observed.exact_time_wait = false;
    EXPECT_EQ(evaluate(plan, timeline).outcome, Outcome::skip);
    EXPECT_EQ(evaluate(plan, timeline).reason,
              "not decided: the observers of this run do not see TIME_WAIT as it happens "
              "(its entry, restarts and end)");
    plan.expectations.states.push_back(states_expected("client c", "LISTEN", 40));
    EXPECT_EQ(evaluate(plan, timeline).outcome, Outcome::fail);
}

TEST(Evaluate, AnyDamageToATimelineIsJudgedWithoutACrash) {
    Plan plan = small_plan();
    plan.expectations.wire = wire_of({"client > server: SYN"});
    Timeline timeline = small_run().finish();
    timeline.events.push_back({seconds(1), StepBegan{-4}});
    timeline.events.push_back({seconds(1), StateChange{99, closed, listen}});
    timeline.events.push_back({seconds(1), Call{1000, "x", "y", {}, 0, 0, ""}});
    timeline.events.push_back({seconds(1), StepEnded{12345, StepOutcome::broken, ""}});
    for (size_t i = 0; i <= timeline.events.size(); ++i) {
        Timeline part = timeline;
        part.events.resize(i);
        EXPECT_NE(evaluate(plan, part).outcome, Outcome::pass);
    }
}

}  // namespace
}  // namespace tcpwitness
