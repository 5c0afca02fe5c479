#include <gtest/gtest.h>

#include <cerrno>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

Call call_event(int step, int64_t result, int error_number = 0, const std::string& output = {}) {
    return {step, "server", "", milliseconds(99), result, error_number, output};
}

// One step and how it ended.
void run_step(TimelineBuilder& builder, int step, StepOutcome outcome = StepOutcome::done,
              const std::string& observed = {}) {
    builder.add(StepEnded{step, outcome, observed});
}

std::vector<Finding> judge_one(const Action& action, const std::vector<EventBody>& events) {
    Plan plan;
    plan.steps.push_back(step_of(7, "the step", action));
    TimelineBuilder builder;
    builder.add(StepBegan{0});
    for (const EventBody& event : events) builder.add(event);
    const Timeline timeline = builder.finish();
    return judge_steps(Story(plan, timeline));
}

const StepEnded kDone{0, StepOutcome::done, ""};
const StepEnded kRefused{0, StepOutcome::refused, ""};

TEST(JudgeSteps, ACallThatShouldFailDoes) {
    const auto bind = call_of("server", "bind", "l", fails_with(EADDRINUSE));
    const auto findings = judge_one(bind, {call_event(0, -1, EADDRINUSE), kDone});
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_TRUE(findings[0].holds);
    EXPECT_EQ(findings[0].kind, "step");
    EXPECT_EQ(findings[0].expected, "bind(l) = EADDRINUSE");
    EXPECT_EQ(findings[0].observed, "bind(l) = EADDRINUSE");
    EXPECT_EQ(findings[0].source.position.line, 7);
    EXPECT_EQ(findings[0].evidence, (std::vector<size_t>{0, 1, 2}));
}

TEST(JudgeSteps, ACallThatShouldFailAndDoesNot) {
    const auto bind = call_of("server", "bind", "l", fails_with(EADDRINUSE));
    const auto findings = judge_one(bind, {call_event(0, 0), kRefused});
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_FALSE(findings[0].holds);
    EXPECT_EQ(findings[0].message, "server: bind(l) returned 0; EADDRINUSE was expected");
    EXPECT_EQ(findings[0].observed, "bind(l) = 0");
    EXPECT_EQ(findings[0].observed.substr(findings[0].observed_mark), "0");
    EXPECT_EQ(findings[0].expected.substr(findings[0].expected_mark), "EADDRINUSE");
    // The verdict is made from the call, not from what the run thought of it.
    EXPECT_FALSE(judge_one(bind, {call_event(0, 0), kDone})[0].holds);
    EXPECT_EQ(judge_one(bind, {call_event(0, -1, EACCES), kRefused})[0].message,
              "server: bind(l) failed with EACCES; EADDRINUSE was expected");
}

TEST(JudgeSteps, ACallOfWhichNothingIsSaidMustSucceed) {
    const auto bind = call_of("server", "bind", "l");
    EXPECT_TRUE(judge_one(bind, {call_event(0, 0), kDone}).empty());
    EXPECT_EQ(judge_one(bind, {call_event(0, -1, EADDRINUSE), kRefused}).at(0).message,
              "server: bind(l) failed with EADDRINUSE; it should have succeeded");
}

TEST(JudgeSteps, NumbersAndOutputsAreCompared) {
    const auto receive = call_of("server", "recv", "s", returns(1000));
    EXPECT_TRUE(judge_one(receive, {call_event(0, 1000), kDone}).at(0).holds);
    EXPECT_EQ(judge_one(receive, {call_event(0, 0), kRefused}).at(0).message,
              "server: recv(s) returned 0; 1000 was expected");
    ExpectedResult pollin{.kind = ExpectedResult::Kind::output};
    pollin.output = "POLLIN";
    const auto poll = call_of("server", "poll", "s", pollin);
    EXPECT_TRUE(judge_one(poll, {call_event(0, 1, 0, "POLLIN"), kDone}).at(0).holds);
    EXPECT_EQ(judge_one(poll, {call_event(0, 1, 0, "POLLHUP"), kRefused}).at(0).message,
              "server: poll(s) returned POLLHUP; POLLIN was expected");
}

TEST(JudgeSteps, ACallMustReturn) {
    const auto accept = call_of("server", "accept", "l");
    Call open = call_event(0, 0);
    open.ended.reset();
    const StepEnded timed_out{0, StepOutcome::timed_out, ""};
    EXPECT_EQ(judge_one(accept, {open, timed_out}).at(0).message, "server: accept(l) did not return within 5s");
    EXPECT_EQ(judge_one(accept, {timed_out}).at(0).observed, "accept(l) = ...");
    EXPECT_FALSE(judge_one(accept, {open, kDone}).at(0).holds);
    const StepEnded unknown{0, StepOutcome::refused, "no option is called SO_NONE"};
    EXPECT_EQ(judge_one(accept, {unknown}).at(0).message, "server: accept(l): no option is called SO_NONE");
}

TEST(JudgeSteps, ExitDoesNotReturn) {
    const auto exit = call_of("client", "exit", "");
    EXPECT_TRUE(judge_one(exit, {kDone}).empty());
    EXPECT_FALSE(judge_one(exit, {StepEnded{0, StepOutcome::timed_out, ""}}).at(0).holds);
}

TEST(JudgeSteps, TheEndOfACallIsTiedToItsBeginning) {
    Plan plan;
    plan.steps.push_back(step_of(1, "begin c", call_of("client", "connect", "c", {}, CallMode::begin)));
    plan.steps.push_back(step_of(2, "begin d", call_of("client", "connect", "d", {}, CallMode::begin)));
    plan.steps.push_back(step_of(3, "d", call_of("client", "connect", "d", fails_with(ETIMEDOUT), CallMode::finish)));
    plan.steps.push_back(
        step_of(4, "c", call_of("client", "connect", "c", fails_with(ECONNREFUSED), CallMode::finish)));
    TimelineBuilder builder;
    for (int step = 0; step < 4; ++step) {
        builder.add(StepBegan{step});
        if (step == 0) builder.add(call_event(0, -1, ECONNREFUSED));
        if (step == 1) builder.add(call_event(1, -1, ETIMEDOUT));
        run_step(builder, step);
    }
    Timeline timeline = builder.finish();
    const auto findings = judge_steps(Story(plan, timeline));
    ASSERT_EQ(findings.size(), 2u);
    EXPECT_TRUE(findings[0].holds && findings[1].holds);
    std::get<Call>(timeline.events[4].body).ended.reset();
    const auto open = judge_steps(Story(plan, timeline));
    EXPECT_EQ(open.at(0).message, "client: connect(d) did not return within 5s");
    EXPECT_TRUE(open.at(1).holds);
    std::get<Call>(timeline.events[1].body).error_number = ETIMEDOUT;
    EXPECT_EQ(judge_steps(Story(plan, timeline)).at(1).message,
              "client: connect(c) failed with ETIMEDOUT; ECONNREFUSED was expected");
}

TEST(JudgeSteps, ConditionsAreAwaitedAndChecked) {
    const StateCondition state{socket_called("client c"), TcpState::time_wait};
    const auto held = judge_one(AwaitStep{state}, {kDone});
    ASSERT_EQ(held.size(), 1u);
    EXPECT_TRUE(held[0].holds);
    const StepEnded late{0, StepOutcome::timed_out, "client c is in FIN_WAIT_2"};
    EXPECT_EQ(judge_one(AwaitStep{state}, {late}).at(0).message,
              "'client c TIME_WAIT' did not come within 5s: client c is in FIN_WAIT_2");
    EXPECT_TRUE(judge_one(CheckStep{state}, {kDone}).at(0).holds);
    const StepEnded refused{0, StepOutcome::refused, "client c is in FIN_WAIT_2"};
    EXPECT_EQ(judge_one(CheckStep{state}, {refused}).at(0).message,
              "'client c TIME_WAIT' does not hold: client c is in FIN_WAIT_2");
    EXPECT_EQ(judge_one(CheckStep{state}, {}).at(0).message, "'the step' has no end in the timeline");
}

TEST(JudgeSteps, OtherStepsMustEnd) {
    EXPECT_TRUE(judge_one(WaitStep{seconds(1)}, {kDone}).empty());
    EXPECT_EQ(judge_one(WaitStep{seconds(1)}, {StepEnded{0, StepOutcome::timed_out, ""}}).at(0).message,
              "'the step' did not end within 5s");
    EXPECT_EQ(judge_one(StartStep{"nginx"}, {StepEnded{0, StepOutcome::refused, "it ended at once"}}).at(0).message,
              "'the step' failed: it ended at once");
}

TEST(JudgeSteps, WhatWasNotReachedIsSaidOnce) {
    Plan plan;
    for (int line = 1; line <= 4; ++line)
        plan.steps.push_back(step_of(line, "step " + std::to_string(line), WaitStep{}));
    plan.steps[1] = step_of(2, "bind(l, :7000)", call_of("server", "bind", "l"));
    TimelineBuilder builder;
    builder.add(StepBegan{0}).add(kDone).add(StepBegan{1}).add(call_event(1, -1, EADDRINUSE));
    run_step(builder, 1, StepOutcome::refused);
    const Timeline timeline = builder.finish();
    const auto findings = judge_steps(Story(plan, timeline));
    ASSERT_EQ(findings.size(), 2u);
    EXPECT_EQ(findings[1].message,
              "this step and the one after it were not reached because 'bind(l, :7000)' in line 2 failed");
    EXPECT_EQ(findings[1].source.position.line, 3);
    EXPECT_FALSE(findings[1].holds);
    // Not reached without any failure is not a pass either.
    Timeline silent = timeline;
    std::get<Call>(silent.events[3].body).error_number = 0;
    std::get<StepEnded>(silent.events[4].body).outcome = StepOutcome::done;
    EXPECT_EQ(judge_steps(Story(plan, silent)).at(0).message,
              "this step and the one after it were not reached although no step before it failed");
}

}  // namespace
}  // namespace tcpwitness
