#include "report/run_json.hh"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "records.hh"

namespace tcpwitness {
namespace {

nlohmann::json json_of(const Record& record) {
    const std::string text = run_json(record);
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line";
    return nlohmann::json::parse(text);
}

TEST(RunJson, SaysWhatBecameOfTheRun) {
    for (const Record& record : all_records()) {
        const nlohmann::json json = json_of(record);
        EXPECT_EQ(json.at("format"), "tcpwitness run");
        EXPECT_EQ(json.at("id"), record.plan.id);
        EXPECT_EQ(json.at("outcome"), to_string(record.verdict.outcome));
        const bool explained = record.verdict.outcome == Outcome::fail || record.verdict.outcome == Outcome::error;
        EXPECT_EQ(json.at("failure") != "", explained) << json.at("failure");
    }
}

TEST(RunJson, TellsASegmentsWayAndItsRelativeNumbers) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0, 0, -1).after(1000).segment(true, tcp_flag::kSyn, 0, 0);
    story.segment(false, tcp_flag::kSyn | tcp_flag::kAck, 0, 1).forged(true, tcp_flag::kRst, 1, 0);
    const nlohmann::json segments = json_of(record_of(story, Outcome::pass)).at("segments");
    ASSERT_EQ(segments.size(), 4U);
    EXPECT_EQ(segments[0].at("lost"), true);
    EXPECT_EQ(segments[0].at("arrived_ns"), nullptr);
    EXPECT_EQ(segments[0].at("ack"), nullptr);
    EXPECT_EQ(segments[1].at("again"), true);
    EXPECT_LT(segments[1].at("sent_ns"), segments[1].at("arrived_ns"));
    EXPECT_EQ(segments[2].at("flags"), "SYN ACK");
    EXPECT_EQ(segments[2].at("from"), "server");
    EXPECT_EQ(segments[2].at("to"), "client");
    EXPECT_EQ(segments[2].at("ack").at("value"), 1);
    EXPECT_EQ(segments[2].at("ack").at("absolute"), false);
    EXPECT_EQ(segments[3].at("forged"), true);
    EXPECT_EQ(segments[3].at("sent_ns"), nullptr);
}

}  // namespace
}  // namespace tcpwitness
