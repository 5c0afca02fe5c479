#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using namespace tcp_flag;

Finding judge_wire(const Timeline& timeline, const std::vector<std::string>& lines) {
    const Plan plan;
    return judge(Story(plan, timeline), wire_of(lines));
}

TimelineBuilder handshake() {
    TimelineBuilder builder;
    builder.segment("client", kSyn, 0, 0).segment("server", kSyn | kAck, 0, 1).segment("client", kAck, 1, 1);
    return builder;
}

const std::vector<std::string> kHandshake{"client > server: SYN seq=p", "server > client: SYN ACK seq=q ack=p+1",
                                          "client > server: ACK seq=p+1 ack=q+1"};

// Example 1 of the case language: the client closes first, the server still sends 1000 bytes.
Timeline four_way_close() {
    TimelineBuilder builder = handshake();
    builder.segment("client", kFin | kAck, 1, 1).segment("server", kAck, 1, 2);
    builder.segment("server", kPsh | kAck, 1, 2, 1000).segment("client", kAck, 2, 1001);
    builder.segment("server", kFin | kAck, 1001, 2).segment("client", kAck, 2, 1002);
    return builder.finish();
}

std::vector<std::string> four_way_lines() {
    std::vector<std::string> lines = kHandshake;
    lines.insert(lines.end(), {"client > server: FIN ACK seq=m ack=n", "server > client: ACK seq=n ack=m+1",
                               "server > client: ACK seq=n ack=m+1 len=s", "client > server: ACK ack=n+s ?",
                               "server > client: FIN ACK seq=n+s ack=m+1", "client > server: ACK seq=m+1 ack=n+s+1"});
    return lines;
}

TEST(JudgeWire, TheExampleOfTheLanguageHolds) {
    const Finding finding = judge_wire(four_way_close(), four_way_lines());
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "wire");
    EXPECT_EQ(finding.evidence.size(), 18u);
}

TEST(JudgeWire, EverySegmentOfItMatters) {
    const Timeline whole = four_way_close();
    for (size_t segment = 0; segment < 9; ++segment) {
        Timeline without = whole;
        without.events.erase(without.events.begin() + static_cast<long>(2 * segment),
                             without.events.begin() + static_cast<long>(2 * segment + 2));
        const bool optional = segment == 6;
        EXPECT_EQ(judge_wire(without, four_way_lines()).holds, optional) << segment;
    }
}

TEST(JudgeWire, EveryNumberOfItMatters) {
    const Timeline whole = four_way_close();
    for (size_t segment = 1; segment < 9; ++segment) {
        for (const bool sequence : {true, false}) {
            Timeline changed = whole;
            for (const size_t event : {2 * segment, 2 * segment + 1}) {
                TcpSegment& each = std::get<SegmentSeen>(changed.events[event].body).segment;
                (sequence ? each.sequence : each.acknowledgment) += 1;
            }
            // The sequence number of the optional ACK is not said, and its place in the list neither.
            if (segment == 6 && sequence) continue;
            if (segment == 1 && sequence) continue;  // q is whatever the server chose; the next line would differ
            EXPECT_FALSE(judge_wire(changed, four_way_lines()).holds) << segment << sequence;
        }
    }
}

TEST(JudgeWire, SaysWhichVariableDisagreed) {
    TimelineBuilder builder = handshake();
    builder.segment("client", kFin | kAck, 1, 1).segment("server", kAck, 1, 3);
    const Finding finding = judge_wire(builder.finish(), four_way_lines());
    EXPECT_FALSE(finding.holds);
    EXPECT_EQ(finding.message, "the segment sent at 9ms has ack=3; ack=m+1 = 2 (m is 1 since line 34) was expected");
    EXPECT_EQ(finding.source.position.line, 35);
    EXPECT_EQ(finding.expected, "server > client: ACK seq=n ack=m+1");
    EXPECT_EQ(finding.observed, "server > client: ACK seq=1 ack=3");
    EXPECT_EQ(finding.expected.substr(finding.expected_mark), "ack=m+1");
    EXPECT_EQ(finding.observed.substr(finding.observed_mark), "ack=3");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{6, 7, 8, 9}));
}

TEST(JudgeWire, LengthsAreVariablesToo) {
    TimelineBuilder builder = handshake();
    builder.segment("server", kAck, 1, 1, 1000).segment("client", kAck, 1, 1000);
    std::vector<std::string> lines = kHandshake;
    lines.insert(lines.end(), {"server > client: ACK seq=n+s len=s", "client > server: ACK ack=n+s+s"});
    EXPECT_FALSE(judge_wire(builder.finish(), lines).holds);
    lines = kHandshake;
    lines.insert(lines.end(), {"server > client: ACK seq=n len=s", "client > server: ACK ack=n+s"});
    const Finding finding = judge_wire(builder.finish(), lines);
    EXPECT_EQ(finding.message,
              "the segment sent at 9ms has ack=1000; ack=n+s = 1001 (n is 1 since line 34, s is 1000 "
              "since line 34) was expected");
    lines.back() = "client > server: ACK ack=n+s-1";
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
}

TEST(JudgeWire, IntegersCountFromTheInitialNumber) {
    const Timeline timeline = handshake().finish();
    EXPECT_TRUE(judge_wire(timeline, {"client > server: SYN seq=0 len=0", "server > client: SYN ACK seq=0 ack=1",
                                      "client > server: ACK seq=1 ack=1"})
                    .holds);
    const Finding finding =
        judge_wire(timeline, {"client > server: SYN seq=0", "server > client: SYN ACK seq=0 ack=2", "..."});
    EXPECT_EQ(finding.message, "the segment sent at 3ms has ack=1; ack=2 was expected");
}

TEST(JudgeWire, SaysWhenNumbersCountFromNoSyn) {
    TimelineBuilder builder;
    builder.segment("client", kAck, 500, 1, 10);
    EXPECT_TRUE(judge_wire(builder.finish(), {"client > server: ACK seq=0 ack=0 len=10"}).holds);
    EXPECT_EQ(
        judge_wire(builder.finish(), {"client > server: ACK seq=1"}).message,
        "the segment sent at 1ms has seq=0; seq=1 was expected (numbers count from the first that was seen: there "
        "was no SYN)");
}

TEST(JudgeWire, NumbersBeforeTheBaseReadNegative) {
    TimelineBuilder builder = handshake();
    builder.segment("client", kAck, 0, 1).segment("client", kAck, 0xffffffff, 1);
    std::vector<std::string> lines = kHandshake;
    lines.insert(lines.end(), {"client > server: ACK seq=p", "client > server: ACK seq=p-2"});
    const Finding finding = judge_wire(builder.finish(), lines);
    EXPECT_EQ(finding.message, "the segment sent at 9ms has seq=-1; seq=p-2 = -2 (p is 0 since line 31) was expected");
    EXPECT_EQ(finding.observed, "client > server: ACK seq=-1 ack=1");
    lines.back() = "client > server: ACK seq=p-1";
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
}

TEST(JudgeWire, ASecondConnectionHasNumbersOfItsOwn) {
    TimelineBuilder builder = handshake();
    TcpSegment again = segment_from("client", kSyn, 70000, 0);
    builder.sent("client", again).arrived("server", again);
    TcpSegment answer = segment_from("server", kSyn | kAck, 90000, 70001);
    builder.sent("server", answer).arrived("client", answer);
    EXPECT_TRUE(
        judge_wire(builder.finish(), {"...", "client > server: SYN seq=0", "server > client: SYN ACK seq=0 ack=1"})
            .holds);
}

TEST(JudgeWire, FlagsAreExactButForPush) {
    TimelineBuilder builder;
    builder.segment("client", kPsh | kAck | kEce, 1, 1, 5);
    EXPECT_TRUE(judge_wire(builder.finish(), {"client > server: ACK"}).holds);
    EXPECT_TRUE(judge_wire(builder.finish(), {"client > server: PSH ACK len=5"}).holds);
    EXPECT_FALSE(judge_wire(builder.finish(), {"client > server: CWR ACK"}).holds);
    const Finding finding = judge_wire(builder.finish(), {"client > server: FIN ACK"});
    EXPECT_EQ(finding.message, "the segment sent at 1ms is PSH ACK ECE where FIN ACK was expected");
    EXPECT_EQ(finding.observed, "client > server: ACK seq=0 ack=0 len=5");
    EXPECT_EQ(finding.observed_mark, 17u);
}

TEST(JudgeWire, SegmentsTooFewAndTooMany) {
    const Timeline timeline = handshake().finish();
    std::vector<std::string> more = kHandshake;
    more.push_back("client > server: FIN ACK");
    const Finding few = judge_wire(timeline, more);
    EXPECT_EQ(few.message,
              "no segment followed the segment sent at 5ms; 'client > server: FIN ACK' of line 34 was expected");
    EXPECT_EQ(few.observed, "no more segments");
    const Finding many = judge_wire(timeline, {kHandshake[0], kHandshake[1]});
    EXPECT_EQ(many.message, "the segment sent at 5ms comes after all that was expected");
    EXPECT_EQ(many.expected, "no more segments");
    EXPECT_EQ(many.observed, "client > server: ACK seq=1 ack=1");
    EXPECT_EQ(judge_wire(TimelineBuilder().finish(), kHandshake).message,
              "no segment was sent; 'client > server: SYN seq=p' of line 31 was expected");
    const Finding other = judge_wire(timeline, {"client > server: SYN", "client > server: SYN"});
    EXPECT_EQ(other.message,
              "the segment sent at 3ms is 'server > client: SYN ACK seq=0 ack=1'; 'client > server: SYN' of "
              "line 32 was expected there");
}

// Example 3: the last ACK is lost, the FIN comes again.
TimelineBuilder lost_ack() {
    TimelineBuilder builder = handshake();
    builder.segment("client", kFin | kAck, 1, 1).segment("server", kAck, 1, 2).segment("server", kFin | kAck, 1, 2);
    builder.lost("client", kAck, 2, 2).after(milliseconds(200)).segment("server", kFin | kAck, 1, 2);
    TcpSegment again = segment_from("client", kAck, 2, 2);
    again.ip_id = 9;
    return builder.sent("client", again).arrived("server", again);
}

const std::vector<std::string> kLostAck{"...", "server > client: FIN ACK seq=n ack=m",
                                        "client > server: ACK ack=n+1 lost", "server > client: FIN ACK seq=n ack=m",
                                        "client > server: ACK ack=n+1"};

TEST(JudgeWire, LostSegmentsAreNamedSo) {
    EXPECT_TRUE(judge_wire(lost_ack().finish(), kLostAck).holds) << judge_wire(lost_ack().finish(), kLostAck).message;
    std::vector<std::string> not_lost = kLostAck;
    not_lost[2] = "client > server: ACK ack=n+1";
    EXPECT_FALSE(judge_wire(lost_ack().finish(), not_lost).holds);
    not_lost[0] = "client > server: FIN ACK";
    not_lost.insert(not_lost.begin() + 1, "server > client: ACK");
    not_lost.insert(not_lost.begin(), kHandshake.begin(), kHandshake.end());
    const Finding arrives = judge_wire(lost_ack().finish(), not_lost);
    EXPECT_EQ(arrives.message, "the segment sent at 13ms did not arrive; it was expected to arrive at server");
    EXPECT_EQ(arrives.observed, "client > server: ACK seq=2 ack=2 lost");
    std::vector<std::string> both_lost = kLostAck;
    both_lost[4] = "client > server: ACK ack=n+1 lost";
    EXPECT_EQ(judge_wire(lost_ack().finish(), both_lost).message,
              "the segment sent at 216ms arrived at server; it was expected to be lost");
}

TEST(JudgeWire, ASegmentOnItsWayIsNeitherLostNorMissing) {
    TimelineBuilder builder = handshake();
    builder.lost("client", kFin | kAck, 1, 1).end_story();
    std::vector<std::string> lines = kHandshake;
    lines.push_back("client > server: FIN ACK");
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
    lines.back() = "client > server: FIN ACK lost";
    EXPECT_EQ(
        judge_wire(builder.finish(), lines).message,
        "the segment sent at 7ms may have been on its way still when the watching ended; it was expected to be lost");
    // A drop that fired after it was sent leaves no doubt; nor does time.
    TimelineBuilder dropped = handshake();
    dropped.lost("client", kFin | kAck, 1, 1).add(FaultFired{0, "drop", 1, std::nullopt});
    EXPECT_TRUE(judge_wire(dropped.finish(), lines).holds);
    // A drop in the other direction says nothing of it.
    Plan plan;
    PathStep drop;
    drop.function = "drop";
    drop.arguments = {"server > client", "FIN"};
    plan.steps.push_back(step_of(3, "drop", drop));
    const Timeline timeline = dropped.finish();
    EXPECT_FALSE(judge(Story(plan, timeline), wire_of(lines)).holds);
    std::get<PathStep>(plan.steps[0].action).arguments[0] = "client > server";
    EXPECT_TRUE(judge(Story(plan, timeline), wire_of(lines)).holds);
    TimelineBuilder later = handshake();
    later.lost("client", kFin | kAck, 1, 1).after(seconds(1)).add(StepBegan{0});
    EXPECT_TRUE(judge_wire(later.finish(), lines).holds);
}

TEST(JudgeWire, AnArrivalAfterTheStoryCountsForASegmentSentInIt) {
    TimelineBuilder builder = handshake();
    const TcpSegment fin = segment_from("client", kFin | kAck, 1, 1);
    builder.sent("client", fin).end_story().after(seconds(2)).arrived("server", fin).segment("server", kRst, 1, 0);
    std::vector<std::string> lines = kHandshake;
    lines.push_back("client > server: FIN ACK");
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
}

TEST(JudgeWire, DamagedSegmentsCountAsLost) {
    TimelineBuilder builder = handshake();
    TcpSegment data = segment_from("client", kAck, 1, 1, 5);
    TcpSegment damaged = data;
    damaged.checksum_checked = true;
    damaged.checksum_good = false;
    damaged.payload_hash = 1;
    builder.sent("client", data).arrived("server", damaged);
    std::vector<std::string> lines = kHandshake;
    lines.push_back("client > server: ACK len=5 lost");
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
    lines.back() = "client > server: ACK len=5";
    EXPECT_EQ(judge_wire(builder.finish(), lines).message,
              "the segment sent at 7ms was damaged on the way; it was expected to arrive at server");
}

TEST(JudgeWire, ForgedSegmentsAreNamedSo) {
    TimelineBuilder builder = handshake();
    builder.forged("server", kRst, 1, 0);
    std::vector<std::string> lines = kHandshake;
    lines.push_back("server > client: RST seq=q+1 forged");
    EXPECT_TRUE(judge_wire(builder.finish(), lines).holds);
    lines.back() = "server > client: RST seq=q+1";
    const Finding finding = judge_wire(builder.finish(), lines);
    EXPECT_EQ(finding.message, "the forged segment that arrived at 7ms was not sent by server");
    EXPECT_EQ(finding.observed, "server > client: RST seq=1 forged");
    TimelineBuilder sent = handshake();
    sent.segment("server", kRst, 1, 0);
    lines.back() = "server > client: RST forged";
    EXPECT_EQ(judge_wire(sent.finish(), lines).message,
              "the segment sent at 7ms was sent by server; a forged one was expected");
}

TEST(JudgeWire, CopiesMadeByTheNetworkAreNotSegmentsOfTheirOwn) {
    TimelineBuilder builder = handshake();
    builder.forged("client", kAck, 1, 1);
    EXPECT_TRUE(judge_wire(builder.finish(), kHandshake).holds);
}

TEST(JudgeWire, OptionsAndWindowAreCheckedWhereNamed) {
    TimelineBuilder builder;
    TcpSegment syn = segment_from("client", kSyn, 0, 0);
    syn.options.mss = 1460;
    syn.options.sack_permitted = true;
    syn.options.timestamps = TcpTimestamps{1, 0};
    builder.sent("client", syn).arrived("server", syn);
    const Timeline timeline = builder.finish();
    EXPECT_TRUE(judge_wire(timeline, {"client > server: SYN mss=1460 sackok ts wscale=no sack=no win=502"}).holds);
    for (const auto& [line, message] : std::map<std::string, std::string>{
             {"mss=536", "the segment sent at 1ms has mss=1460; mss=536 was expected"},
             {"ts=no", "the segment sent at 1ms has the option ts; none was expected"},
             {"wscale", "the segment sent at 1ms has no option wscale; one was expected"},
             {"win=1", "the segment sent at 1ms has a window of 502; 1 was expected"},
             {"colour=red", "no option is called 'colour'"}}) {
        EXPECT_EQ(judge_wire(timeline, {"client > server: SYN " + line}).message, message);
    }
    std::vector<WirePattern> wide = wire_of({"client > server: SYN wscale=no"});
    wide[0].window = Comparison{Relation::at_least, 1000};
    const Plan plan;
    const Finding window = judge(Story(plan, timeline), wide);
    EXPECT_EQ(window.expected, "client > server: SYN win>=1000 no wscale");
    EXPECT_EQ(window.observed, "client > server: SYN seq=0 win=502 no wscale");
    const Finding finding = judge_wire(timeline, {"client > server: SYN mss=536"});
    EXPECT_EQ(finding.observed.substr(finding.observed_mark), "mss=1460");
    EXPECT_EQ(finding.expected.substr(finding.expected_mark), "mss=536");
}

TEST(JudgeWire, OptionalLinesAndGapsAreTriedEveryWay) {
    TimelineBuilder builder = handshake();
    for (uint32_t i = 0; i < 5; ++i) builder.segment("client", kAck, 1 + i, 1, 1).segment("server", kAck, 1, 2 + i);
    builder.segment("client", kFin | kAck, 6, 1);
    const Timeline timeline = builder.finish();
    EXPECT_TRUE(
        judge_wire(timeline, {"...", "client > server: ACK seq=n len=1", "...", "client > server: FIN ACK seq=n+2"})
            .holds);
    EXPECT_FALSE(
        judge_wire(timeline, {"...", "client > server: ACK seq=n len=1", "...", "client > server: FIN ACK seq=n+9"})
            .holds);
    EXPECT_TRUE(judge_wire(timeline, {"...", "client > server: RST ?", "...", "client > server: FIN ACK",
                                      "server > client: ACK ?"})
                    .holds);
    EXPECT_TRUE(judge_wire(timeline, {"client > server: SYN", "...", "..."}).holds);
    EXPECT_TRUE(judge_wire(timeline, {"...", "client > server: FIN ACK ?", "client > server: FIN ACK"}).holds);
    EXPECT_EQ(judge_wire(timeline, {"...", "client > server: RST", "..."}).message,
              "'client > server: RST' of line 32 was expected, and no such segment came");
    EXPECT_EQ(judge_wire(timeline, {"...", "client > server: FIN ACK seq=9"}).message,
              "no segment fits; of the nearest: the segment sent at 27ms has seq=6; seq=9 was expected");
}

TEST(JudgeWire, AnOptionalLineThatNearlyFitsIsTheOneToShow) {
    TimelineBuilder builder = handshake();
    builder.segment("server", kAck, 1, 1, 10).segment("client", kAck, 1, 7).segment("client", kFin | kAck, 1, 11);
    std::vector<std::string> lines = kHandshake;
    lines.insert(lines.end(),
                 {"server > client: ACK seq=n len=s", "client > server: ACK ack=n+s ?", "client > server: FIN ACK"});
    const Finding finding = judge_wire(builder.finish(), lines);
    EXPECT_EQ(finding.message,
              "the segment sent at 9ms has ack=7; ack=n+s = 11 (n is 1 since line 34, s is 10 since line "
              "34) was expected");
    EXPECT_EQ(finding.source.position.line, 35);
}

TEST(JudgeWire, TwoOpenVariablesCannotBeChecked) {
    const Finding finding = judge_wire(handshake().finish(), {"client > server: SYN seq=a+b", "..."});
    EXPECT_FALSE(finding.holds);
    EXPECT_EQ(finding.message,
              "'seq=a+b' of line 31 cannot be checked: more than one of its variables has no value yet");
}

TEST(JudgeWire, OnlyHostsThatThePatternSpeaksOfAreLookedAt) {
    TimelineBuilder builder = handshake();
    TcpSegment local = segment_from("server", kSyn, 0, 0);
    local.source.ip = local.destination.ip = *IpAddress::parse("127.0.0.1");
    builder.sent("server", local).arrived("server", local);
    EXPECT_TRUE(judge_wire(builder.finish(), kHandshake).holds);
    EXPECT_TRUE(judge_wire(builder.finish(), {"server > server: SYN seq=0"}).holds);
}

}  // namespace
}  // namespace tcpwitness
