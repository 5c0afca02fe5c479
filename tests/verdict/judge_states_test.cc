#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using enum TcpState;

Finding judge_states(const Timeline& timeline, const std::string& socket, const std::string& pattern) {
    const Plan plan;
    return judge(Story(plan, timeline), states_expected(socket, pattern));
}

const std::string kActiveClose = "SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2 -> TIME_WAIT -> CLOSED";
const std::vector<TcpState> kActiveStates{syn_sent, established, fin_wait_1, fin_wait_2, time_wait, closed};

Timeline client_passes(const std::vector<TcpState>& states) {
    TimelineBuilder builder;
    builder.states(builder.socket("client", "c"), states);
    return builder.finish();
}

TEST(JudgeStates, TheWholeSequenceHolds) {
    const Finding finding = judge_states(client_passes(kActiveStates), "client c", kActiveClose);
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "states");
    EXPECT_EQ(finding.message, "");
    EXPECT_EQ(finding.expected, kActiveClose);
    EXPECT_EQ(finding.observed, kActiveClose);
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(JudgeStates, EveryChangeMatters) {
    for (size_t without = 0; without < kActiveStates.size(); ++without) {
        std::vector<TcpState> states = kActiveStates;
        states.erase(states.begin() + static_cast<long>(without));
        EXPECT_FALSE(judge_states(client_passes(states), "client c", kActiveClose).holds) << without;
        states = kActiveStates;
        states.insert(states.begin() + static_cast<long>(without), closing);
        EXPECT_FALSE(judge_states(client_passes(states), "client c", kActiveClose).holds) << without;
    }
}

TEST(JudgeStates, AWrongStateIsMarkedInBothTexts) {
    const Finding finding =
        judge_states(client_passes({syn_sent, established, fin_wait_1, closing, time_wait}), "client c", kActiveClose);
    EXPECT_FALSE(finding.holds);
    EXPECT_EQ(finding.message, "client c went from FIN_WAIT_1 to CLOSING at 4ms; FIN_WAIT_2 was expected");
    EXPECT_EQ(finding.expected.substr(finding.expected_mark, 10), "FIN_WAIT_2");
    EXPECT_EQ(finding.observed.substr(finding.observed_mark, 7), "CLOSING");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{2, 3}));
}

TEST(JudgeStates, AMissingEndSaysWhereTheSocketStayed) {
    const Finding finding = judge_states(client_passes({syn_sent, established}), "client c", kActiveClose);
    EXPECT_EQ(finding.message,
              "client c was still in ESTABLISHED when the story ended at 3ms; FIN_WAIT_1 was expected to "
              "follow");
    EXPECT_EQ(finding.observed_mark, finding.observed.size());
}

TEST(JudgeStates, AStateTooManyIsADifference) {
    const Finding finding =
        judge_states(client_passes({syn_sent, established, closed}), "client c", "SYN_SENT -> ESTABLISHED");
    EXPECT_EQ(finding.message,
              "client c went from ESTABLISHED to CLOSED at 3ms; the sequence was expected to end there");
    EXPECT_EQ(finding.expected_mark, finding.expected.size());
    const Finding first = judge_states(client_passes({syn_sent}), "client c", "LISTEN");
    EXPECT_EQ(first.message, "client c was first seen in SYN_SENT at 1ms; LISTEN was expected");
}

TEST(JudgeStates, GapsStandForAnyNumberOfStates) {
    const Timeline timeline = client_passes(kActiveStates);
    for (const char* pattern : {"...", "... -> CLOSED", "SYN_SENT -> ...", "... -> FIN_WAIT_1 -> ... -> CLOSED",
                                "... -> SYN_SENT -> ESTABLISHED -> ...", "... -> TIME_WAIT -> ... -> CLOSED -> ..."}) {
        EXPECT_TRUE(judge_states(timeline, "client c", pattern).holds) << pattern;
    }
    for (const char* pattern :
         {"... -> CLOSING -> ...", "... -> TIME_WAIT", "ESTABLISHED -> ...", "... -> CLOSED -> CLOSED"}) {
        EXPECT_FALSE(judge_states(timeline, "client c", pattern).holds) << pattern;
    }
    // The place that most of the pattern leads to is shown, not the last one tried.
    const Finding finding = judge_states(timeline, "client c", "... -> FIN_WAIT_2 -> CLOSED");
    EXPECT_EQ(finding.message, "client c went from FIN_WAIT_2 to TIME_WAIT at 5ms; CLOSED was expected");
}

TEST(JudgeStates, AlternativesMayBeEmpty) {
    const std::string pattern = "... -> FIN_WAIT_1 -> (FIN_WAIT_2 | CLOSING | ) -> TIME_WAIT";
    EXPECT_TRUE(
        judge_states(client_passes({established, fin_wait_1, fin_wait_2, time_wait}), "client c", pattern).holds);
    EXPECT_TRUE(judge_states(client_passes({established, fin_wait_1, closing, time_wait}), "client c", pattern).holds);
    EXPECT_TRUE(judge_states(client_passes({established, fin_wait_1, time_wait}), "client c", pattern).holds);
    const Finding finding =
        judge_states(client_passes({established, fin_wait_1, last_ack, time_wait}), "client c", pattern);
    EXPECT_EQ(finding.message,
              "client c went from FIN_WAIT_1 to LAST_ACK at 3ms; FIN_WAIT_2, CLOSING or TIME_WAIT was expected");
    EXPECT_EQ(finding.expected, pattern);
}

TEST(JudgeStates, ClosedAtTheBeginningMayBeSaidOrNot) {
    const Timeline timeline = client_passes({syn_sent, established});
    EXPECT_TRUE(judge_states(timeline, "client c", "CLOSED -> SYN_SENT -> ESTABLISHED").holds);
    EXPECT_TRUE(judge_states(timeline, "client c", "SYN_SENT -> ESTABLISHED").holds);
    EXPECT_FALSE(judge_states(timeline, "client c", "CLOSED -> ESTABLISHED").holds);
    TimelineBuilder builder;
    builder.socket("client", "c");
    EXPECT_TRUE(judge_states(builder.finish(), "client c", "CLOSED").holds);
    EXPECT_FALSE(judge_states(builder.finish(), "client c", "SYN_SENT").holds);
}

Timeline last_ack_for(Duration duration, bool ends, Source source = Source::tracepoint) {
    TimelineBuilder builder;
    const int server = builder.socket("server", "s");
    builder.state(server, close_wait).at(seconds(1)).state(server, last_ack, source).at(seconds(1) + duration);
    if (ends) builder.state(server, closed);
    return builder.finish();
}

TEST(JudgeStates, DurationsAreJudged) {
    const std::string pattern = "... -> LAST_ACK[150ms..2s] -> CLOSED";
    EXPECT_TRUE(judge_states(last_ack_for(milliseconds(203), true), "server s", pattern).holds);
    EXPECT_TRUE(judge_states(last_ack_for(milliseconds(150), true), "server s", pattern).holds);
    EXPECT_TRUE(judge_states(last_ack_for(seconds(2), true), "server s", pattern).holds);
    EXPECT_FALSE(judge_states(last_ack_for(milliseconds(149), true), "server s", pattern).holds);
    const Finding finding = judge_states(last_ack_for(seconds(3), true), "server s", pattern);
    EXPECT_FALSE(finding.holds || finding.undecided);
    EXPECT_EQ(finding.message, "server s was in LAST_ACK for 3s; 150ms..2s (150ms to 2s) was expected");
    EXPECT_EQ(finding.expected.substr(finding.expected_mark), "LAST_ACK[150ms..2s] -> CLOSED");
    EXPECT_EQ(finding.observed.substr(finding.observed_mark), "LAST_ACK[3s] -> CLOSED");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{0, 1, 2}));
}

TEST(JudgeStates, AStateThatHasNotEndedHasNoKnownLength) {
    const std::string pattern = "... -> LAST_ACK[150ms..2s]";
    const Finding open = judge_states(last_ack_for(seconds(1), false), "server s", pattern);
    EXPECT_EQ(open.message,
              "server s was in LAST_ACK for 1s and still in it when the story ended; 150ms..2s (150ms to 2s) "
              "was expected");
    EXPECT_EQ(open.observed, "CLOSE_WAIT -> LAST_ACK[1s so far]");
    const Finding over = judge_states(last_ack_for(seconds(3), false), "server s", pattern);
    EXPECT_EQ(over.message,
              "server s was in LAST_ACK for 3s when the story ended; 150ms..2s (150ms to 2s) was expected");
    // Without an upper bound the time so far is enough.
    EXPECT_TRUE(judge_states(last_ack_for(seconds(3), false), "server s", "... -> LAST_ACK[2s..]").holds);
    EXPECT_FALSE(judge_states(last_ack_for(seconds(1), false), "server s", "... -> LAST_ACK[2s..]").holds);
}

TEST(JudgeStates, TimesThatWereNotSeenExactlyAreUndecided) {
    for (const Source source : {Source::inferred, Source::sock_diag}) {
        const Finding finding = judge_states(last_ack_for(milliseconds(203), true, source), "server s",
                                             "... -> LAST_ACK[150ms..2s] -> CLOSED");
        EXPECT_FALSE(finding.holds);
        EXPECT_TRUE(finding.undecided);
        EXPECT_NE(finding.message.find("how long a state lasted was not seen exactly"), std::string::npos);
    }
    // The order alone may be inferred, and is labelled.
    const Finding order = judge_states(last_ack_for(milliseconds(203), true, Source::inferred), "server s",
                                       "CLOSE_WAIT -> LAST_ACK -> CLOSED");
    EXPECT_TRUE(order.holds);
    EXPECT_EQ(order.observed, "CLOSE_WAIT -> LAST_ACK (inferred) -> CLOSED");
}

TEST(JudgeStates, TimeWaitNeedsObserversThatSeeIt) {
    TimelineBuilder builder;
    const int client = builder.socket("client", "c");
    builder.state(client, time_wait).at(seconds(60)).state(client, closed, Source::timer);
    Timeline timeline = builder.finish();
    EXPECT_TRUE(judge_states(timeline, "client c", "TIME_WAIT[59s..62s] -> CLOSED").holds);
    timeline.observed.exact_time_wait = false;
    EXPECT_TRUE(judge_states(timeline, "client c", "TIME_WAIT[59s..62s] -> CLOSED").undecided);
    EXPECT_TRUE(judge_states(timeline, "client c", "TIME_WAIT -> CLOSED").holds);
    // A TIME_WAIT that was not seen at all may have been there.
    Timeline without = client_passes({established, fin_wait_1, fin_wait_2, closed});
    EXPECT_FALSE(judge_states(without, "client c", "... -> FIN_WAIT_2 -> TIME_WAIT -> CLOSED").undecided);
    without.observed.exact_time_wait = false;
    EXPECT_TRUE(judge_states(without, "client c", "... -> FIN_WAIT_2 -> TIME_WAIT -> CLOSED").undecided);
    EXPECT_FALSE(judge_states(without, "client c", "... -> FIN_WAIT_2 -> CLOSING -> CLOSED").undecided);
}

TEST(JudgeStates, SamplesMayHaveMissedStatesButDoNotInventThem) {
    Timeline timeline = client_passes({syn_sent, established, fin_wait_2, time_wait});
    timeline.observed.exact_states = timeline.observed.exact_time_wait = false;
    const Finding missed =
        judge_states(timeline, "client c", "SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> FIN_WAIT_2 -> TIME_WAIT");
    EXPECT_FALSE(missed.holds);
    EXPECT_TRUE(missed.undecided);
    const Finding wrong =
        judge_states(timeline, "client c", "SYN_SENT -> ESTABLISHED -> FIN_WAIT_1 -> CLOSING -> TIME_WAIT");
    EXPECT_FALSE(wrong.holds || wrong.undecided);
}

TEST(JudgeStates, AnyOfTheSocketsOnAPortWillDo) {
    TimelineBuilder builder;
    builder.state(builder.socket("server", "l", true), listen);
    builder.states(builder.socket("server", "s"), {syn_rcvd, established});
    const Timeline timeline = builder.finish();
    EXPECT_TRUE(judge_states(timeline, "server :7000", "SYN_RCVD -> ESTABLISHED").holds);
    EXPECT_TRUE(judge_states(timeline, "server :7000", "LISTEN").holds);
    const Finding finding = judge_states(timeline, "server :7000", "SYN_RCVD -> CLOSED");
    EXPECT_EQ(finding.message,
              "none of the 2 sockets that 'server :7000' can mean does as expected; the nearest: server s "
              "went from SYN_RCVD to ESTABLISHED at 3ms; CLOSED was expected");
    const std::string short_time = judge_states(timeline, "server :7000", "SYN_RCVD[9s..10s] -> ESTABLISHED").message;
    EXPECT_NE(short_time.find("the nearest: server s was in SYN_RCVD for"), std::string::npos) << short_time;
    EXPECT_EQ(judge_states(timeline, "server x", "LISTEN").message, "no socket 'server x' was seen");
    EXPECT_EQ(judge_states(timeline, "client :7000", "LISTEN").message, "no socket 'client :7000' was seen");
}

TEST(JudgeStates, WhatComesAfterTheStoryIsNotJudged) {
    TimelineBuilder builder;
    const int client = builder.socket("client", "c");
    builder.states(client, {syn_sent, established}).end_story().state(client, closed);
    EXPECT_TRUE(judge_states(builder.finish(), "client c", "SYN_SENT -> ESTABLISHED").holds);
}

}  // namespace
}  // namespace tcpwitness
