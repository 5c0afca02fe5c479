#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "timeline/packets.hh"
#include "timeline/timeline.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

// One of everything.
Timeline rich_timeline() {
    TimelineBuilder builder;
    const int client = builder.socket("client", "c");
    builder.socket("server", "l", true);
    builder.add(StepBegan{0})
        .add(Call{0, "client", "connect(c, server:7000)", milliseconds(3), -1, 111, "10.0.1.1:*"})
        .add(StepEnded{0, StepOutcome::refused, "ECONNREFUSED"})
        .state(client, TcpState::time_wait, Source::inferred, "timer")
        .add(TimeWaitRestart{client, Source::timer})
        .add(SegmentSeen{"client", "client0", Direction::sent, *decode_tcp_segment(kSyn4, false)})
        .add(SegmentSeen{"client", "client0", Direction::arrived, *decode_tcp_segment(kSynAck6, true)})
        .add(PacketSeen{"server", "lo", Direction::arrived, "ICMP", std::string("\0\xff", 2)})
        .add(FaultFired{1, "drop", 1, segment_from("server", tcp_flag::kFin, 1, 1)})
        .add(ProgramStarted{"nginx", -1, "nginx -p ."})
        .add(ProgramOutput{"nginx", true, "plain\n"})
        .add(ProgramOutput{"nginx", false, "not \xff UTF-8"})
        .add(ProgramExited{"nginx", 0, 9, true})
        .add(RecordsLost{"capture", 3})
        .end_story();
    Timeline timeline = builder.finish();
    timeline.sockets_left.push_back(
        {"client", TcpState::time_wait, client_address(), server_address(), seconds(59), ""});
    timeline.counters["client"]["TcpExt.TW"] = 1;
    timeline.data.push_back({"server", "server", "s", 10, 12, 3});
    timeline.error = "step 2: it broke";
    timeline.unsupported = "netem";
    return timeline;
}

TEST(TimelineJson, SurvivesTheWayThere) {
    const Timeline before = rich_timeline();
    const std::string text = timeline_to_json(before);
    const Timeline after = timeline_from_json(text);
    EXPECT_EQ(timeline_to_json(after), text);
    EXPECT_EQ(after.events.size(), before.events.size());
    for (size_t i = 0; i < before.events.size(); ++i) {
        EXPECT_EQ(after.events[i].at, before.events[i].at);
        EXPECT_EQ(after.events[i].body.index(), before.events[i].body.index());
        const auto* segment = std::get_if<SegmentSeen>(&before.events[i].body);
        if (segment != nullptr) {
            EXPECT_EQ(std::get<SegmentSeen>(after.events[i].body).segment, segment->segment);
        }
    }
    EXPECT_EQ(std::get<ProgramOutput>(after.events[11].body).text, "not \xff UTF-8");
    EXPECT_EQ(std::get<PacketSeen>(after.events[7].body).raw, std::string("\0\xff", 2));
    EXPECT_TRUE(after.complete);
    EXPECT_EQ(after.data.at(0).first_wrong_byte, 3);
}

TEST(TimelineJson, IsJsonWithALineForEachEvent) {
    const Timeline timeline = rich_timeline();
    const std::string text = timeline_to_json(timeline);
    EXPECT_EQ(nlohmann::json::parse(text).at("events").size(), timeline.events.size());
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(lines, 12 + static_cast<long>(timeline.events.size() + timeline.sockets.size() +
                                            timeline.sockets_left.size() + timeline.data.size()));
}

TEST(TimelineJson, AnEmptyTimelineSurvives) {
    EXPECT_EQ(timeline_to_json(timeline_from_json(timeline_to_json({}))), timeline_to_json({}));
}

TEST(TimelineJson, RefusesOtherText) {
    EXPECT_THROW(timeline_from_json(""), Error);
    EXPECT_THROW(timeline_from_json("{}"), Error);
    EXPECT_THROW(timeline_from_json("[1]"), Error);
    std::string wrong = timeline_to_json(rich_timeline());
    wrong.replace(wrong.find("\"refused\""), 9, "\"perhaps\"");
    EXPECT_THROW(timeline_from_json(wrong), Error);
    std::string kind = timeline_to_json(rich_timeline());
    kind.replace(kind.find("\"step_began\""), 12, "\"step_other\"");
    EXPECT_THROW(timeline_from_json(kind), Error);
    const std::string whole = timeline_to_json(rich_timeline());
    for (size_t length = 0; length + 2 < whole.size(); length += 97) {
        EXPECT_THROW(timeline_from_json(whole.substr(0, length)), Error);
    }
}

TEST(TimelineJson, EveryCombinationOfSegmentFieldsSurvives) {
    TcpSegment segment = segment_from("client", 0, 0, 0);
    for (int flags = 0; flags < 256; ++flags) {
        segment.flags = static_cast<uint8_t>(flags);
        segment.checksum_checked = flags % 2 == 0;
        segment.checksum_good = flags % 4 != 0;
        segment.payload_length = static_cast<uint32_t>(flags % 3);
        segment.urgent_pointer = static_cast<uint16_t>(flags % 5);
        segment.traffic_class = static_cast<uint8_t>(flags % 7);
        if (!segment.checksum_checked) segment.checksum_good = true;
        EXPECT_EQ(nlohmann::json(segment).get<TcpSegment>(), segment);
    }
    nlohmann::json wrong = segment;
    wrong["flags"] = "SYNACK";
    EXPECT_THROW(wrong.get<TcpSegment>(), Error);
}

}  // namespace
}  // namespace tcpwitness
