// What differs between two runs of one case.
#include "report/run_difference.hh"

#include <gtest/gtest.h>

#include <algorithm>

#include "records.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

Record plain() {
    return record_of(four_way_close(), Outcome::pass);
}

std::string kinds(const std::vector<RunDifference>& differences) {
    std::string text;
    for (const RunDifference& each : differences) text += (text.empty() ? "" : ", ") + each.kind;
    return text;
}

TEST(RunDifference, TheSameRunDoesNotDiffer) {
    EXPECT_EQ(kinds(run_differences(plain(), plain(), {})), "");
}

TEST(RunDifference, ACounterIsToldWithBothValues) {
    Record after = plain();
    after.timeline.counters["client"]["TcpExt.TCPTimeouts"] = 3;
    Record before = plain();
    before.timeline.counters["client"]["Ip.InReceives"] = 3;
    after.timeline.counters["client"]["Ip.InReceives"] = 9;  // not TCP's
    const std::vector<RunDifference> differences = run_differences(before, after, {});
    ASSERT_EQ(kinds(differences), "counter");
    EXPECT_EQ(differences.front().before, "client TcpExt.TCPTimeouts 0");
    EXPECT_EQ(differences.front().after, "3");
}

TEST(RunDifference, TheVerdictIsToldFirst) {
    Record after = plain();
    after.verdict.outcome = Outcome::fail;
    EXPECT_EQ(kinds(run_differences(plain(), after, {})), "outcome");
}

TEST(RunDifference, DurationsDifferBeyondTheTolerance) {
    Record after = plain();
    bool shifted = false;
    for (Event& event : after.timeline.events) {
        const auto* change = std::get_if<StateChange>(&event.body);
        shifted = shifted || (change != nullptr && change->to == TcpState::fin_wait_2);
        if (shifted) event.at += 100ms;
    }
    ASSERT_TRUE(shifted);
    EXPECT_EQ(kinds(run_differences(plain(), after, {})), "duration");
    EXPECT_EQ(kinds(run_differences(plain(), after, {.absolute = 200ms})), "");
}

// One more SYN of the client's, from a port that no socket of the timeline has.
Record with_connection_from(uint16_t port, uint8_t more_flags = 0) {
    Record record = plain();
    std::vector<Event>& events = record.timeline.events;
    const auto syn = std::find_if(events.begin(), events.end(),
                                  [](const Event& event) { return std::holds_alternative<SegmentSeen>(event.body); });
    Event another = *syn;
    auto& seen = std::get<SegmentSeen>(another.body);
    seen.segment.source.port = port;
    seen.segment.flags |= more_flags;
    events.insert(syn, another);
    return record;
}

TEST(RunDifference, APortThatTheKernelChoseIsNone) {
    EXPECT_EQ(kinds(run_differences(with_connection_from(40000), with_connection_from(50000), {})), "");
    const auto differences = run_differences(with_connection_from(40000), with_connection_from(50000, kFin), {});
    ASSERT_EQ(kinds(differences), "segment");
    EXPECT_NE(differences.front().after.find("connection 1 "), std::string::npos) << differences.front().after;
}

}  // namespace
}  // namespace tcpwitness
