#include "record/record.hh"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "record/judge_again.hh"
#include "record/record_file.hh"

namespace tcpwitness {
namespace {

using testing::Test;

Record sample() {
    Record record;
    record.plan.id = "teardown/four_way_close[ipv6]";
    record.plan.title = "four-way close";
    record.plan.variant = "ipv6";
    record.timeline.observed.kernel = "6.18.44";
    record.timeline.sockets.push_back({0, "client", "client", "c", *SocketAddress::parse("[fd00::1]:40112"), {}});
    record.timeline.events.push_back(
        {std::chrono::microseconds(5), StateChange{0, TcpState::closed, TcpState::syn_sent}});
    SegmentSeen seen{"client", "eth0", Direction::sent, {}};
    seen.segment.raw = std::string("\x60\0\xff\x80", 4);
    record.timeline.events.push_back({std::chrono::microseconds(9), seen});
    record.timeline.complete = true;
    record.verdict = evaluate(record.plan, record.timeline);
    record.repeat_command = "tcpwitness run cases/teardown/four_way_close.yaml -k ipv6";
    record.where = "kernel 6.18.44, root";
    record.wall = std::chrono::milliseconds(1240);
    record.console = "a line\n\x1b[1m";
    return record;
}

class RecordFile : public Test {
  protected:
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string folder_ =
        (std::filesystem::temp_directory_path() / ("tcpwitness-record-" + std::to_string(getpid()))).string();
};

// What record_from_json says of a text that it refuses.
std::string refusal(const std::string& text) {
    try {
        record_from_json(text, "r.json");
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Record, SurvivesItsJson) {
    const Record record = sample();
    const std::string json = record_to_json(record);
    const Record read = record_from_json(json, "r.json");
    EXPECT_EQ(read.plan.id, record.plan.id);
    EXPECT_EQ(read.wall, record.wall);
    EXPECT_EQ(read.console, record.console);
    EXPECT_EQ(read.version, tool_version());
    EXPECT_EQ(read.verdict.outcome, record.verdict.outcome);
    EXPECT_EQ(std::get<SegmentSeen>(read.timeline.events[1].body).segment.raw, std::string("\x60\0\xff\x80", 4));
    EXPECT_EQ(record_to_json(read), json);
}

TEST(Record, BytesOfTheConsoleThatAreNoUtf8DoNotSpoilIt) {
    Record record = sample();
    record.console = "\xff\xfe";
    EXPECT_EQ(record_from_json(record_to_json(record), "r.json").console, "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Record, EveryCutOffRecordIsSaidToBeOne) {
    const std::string json = record_to_json(sample());
    for (size_t length = 1; length < json.find_last_of('}'); length += 7) {
        EXPECT_EQ(refusal(json.substr(0, length)),
                  "r.json: the record is cut off after " + std::to_string(length) + " bytes");
    }
}

TEST(Record, WhatIsNoRecordIsRefusedByName) {
    EXPECT_EQ(refusal(""), "r.json: the file is empty");
    EXPECT_EQ(refusal("case: four-way close\n"), "r.json: not a tcpwitness record (no JSON from byte 1 on)");
    EXPECT_EQ(refusal("{\"format\": \"tcpwitness record\", oops}").substr(0, 46),
              "r.json: not a tcpwitness record (no JSON from ");
    EXPECT_EQ(refusal("[]"), "r.json: not a tcpwitness record");
    EXPECT_EQ(refusal(R"({"format": "tcpwitness report", "version": 1})"), "r.json: not a tcpwitness record");
    EXPECT_EQ(refusal(R"({"format": "tcpwitness record", "version": 2})"),
              "r.json: a record of format version 2; this tcpwitness reads version 1");
    EXPECT_EQ(refusal(R"({"format": "tcpwitness record"})"),
              "r.json: a record of format version null; this tcpwitness reads version 1");
}

TEST(Record, ADamagedPartIsNamed) {
    std::string json = record_to_json(sample());
    const size_t kernel = json.find("6.18.44", json.find("\"timeline\""));
    json.replace(kernel - 1, 9, "[1]");
    EXPECT_EQ(refusal(json).substr(0, 53), "r.json: damaged record, its timeline cannot be read: ");
    EXPECT_EQ(refusal(R"({"format": "tcpwitness record", "version": 1, "tool": 5})").substr(0, 54),
              "r.json: damaged record, its tool cannot be read: [json");
}

TEST(Record, FileNamesAreReadableAndNeverTheSame) {
    EXPECT_EQ(record_file_name("teardown/four_way_close[ipv6]"), "teardown.four_way_close[ipv6].json");
    EXPECT_EQ(record_file_name("bind/restart[old=1 new=0 outcome=EADDRINUSE]"),
              "bind.restart[old=1+new=0+outcome=EADDRINUSE].json");
    EXPECT_EQ(record_file_name("../../etc/passwd"), "%2E%2E.%2E%2E.etc.passwd.json");
    EXPECT_NE(record_file_name("a b"), record_file_name("a+b"));
    EXPECT_NE(record_file_name("a/b"), record_file_name("a.b"));
    const std::string longest(300, 'x');
    EXPECT_EQ(record_file_name(longest).size(), 205U);
    EXPECT_NE(record_file_name(longest), record_file_name(longest + "y"));
}

TEST(Record, DisplayNameIsFolderTitleAndVariant) {
    Plan plan;
    plan.id = "teardown/deep/four_way_close[a=1/2]";
    plan.title = "four-way close";
    plan.variant = "a=1/2";
    EXPECT_EQ(display_name(plan), "teardown/deep/four-way close [a=1/2]");
    plan.id = "one";
    plan.variant = "";
    EXPECT_EQ(display_name(plan), "four-way close");
}

TEST(Record, TheIdOfARunOnOneOfSeveralKernelsNamesIt) {
    Plan plan;
    plan.title = "four-way close";
    plan.id = "teardown/four_way_close@6.1";
    EXPECT_EQ(place_of(plan), "6.1");
    EXPECT_EQ(display_name(plan), "teardown/four-way close on 6.1");
    plan.id = "teardown/four_way_close[ipv6]@6.12#2";
    plan.variant = "ipv6";
    EXPECT_EQ(place_of(plan), "6.12");
    EXPECT_EQ(display_name(plan), "teardown/four-way close [ipv6] on 6.12");
    plan.id = "user@host/four_way_close[to=a@b]";
    EXPECT_EQ(place_of(plan), "");
}

TEST_F(RecordFile, IsWrittenWholeUnderItsName) {
    const std::string path = write_record(folder_ + "/records", sample());
    EXPECT_EQ(path, folder_ + "/records/teardown.four_way_close[ipv6].json");
    EXPECT_EQ(read_record(path).plan.title, "four-way close");
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/records")) files += entry.exists();
    EXPECT_EQ(files, 1U) << "no temporary file is left";
}

TEST_F(RecordFile, ReplacesTheOneBeforeAndWhatAKilledWriterLeft) {
    const std::string path = write_record(folder_, sample());
    write_file(folder_ + "/.teardown.four_way_close[ipv6].json.partial", "{\"format");
    Record second = sample();
    second.plan.title = "again";
    write_record(folder_, second);
    EXPECT_EQ(read_record(path).plan.title, "again");
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/.teardown.four_way_close[ipv6].json.partial"));
}

TEST_F(RecordFile, FailuresNameTheCallAndThePath) {
    EXPECT_THROW(read_record(folder_ + "/nothing.json"), SystemError);
    std::filesystem::create_directories(folder_);
    write_file(folder_ + "/file", "");
    EXPECT_THROW(write_record(folder_ + "/file/records", sample()), SystemError);
}

TEST(JudgeAgain, TheSameTimelineGivesTheSameVerdict) {
    EXPECT_TRUE(judge_again(sample()).differences.empty());
}

TEST(JudgeAgain, ADifferentVerdictIsToldFindingByFinding) {
    Record record = sample();
    record.verdict.outcome = Outcome::fail;
    record.verdict.reason = "old";
    Finding finding{.kind = "states", .source = {{"a.yaml", 3, 1}, ""}};
    record.verdict.findings.push_back(finding);
    const std::vector<std::string> differences = judge_again(record).differences;
    ASSERT_EQ(differences.size(), 3U);
    EXPECT_EQ(differences[0].substr(0, 24), "the outcome was fail and");
    EXPECT_EQ(differences[2], "the finding at a.yaml:3:1 (states) is gone");
}

TEST(JudgeAgain, FindingsAreComparedInEveryPart) {
    const Finding held{.holds = true, .kind = "states", .source = {{"a.yaml", 3, 1}, ""}};
    Finding other = held;
    other.holds = false;
    other.message = "CLOSING is missing";
    const auto differences = [](const Finding& recorded, const Finding& now) {
        return compare_verdicts({Outcome::pass, "", {recorded}}, {Outcome::pass, "", {now}});
    };
    EXPECT_TRUE(differences(held, held).empty());
    EXPECT_EQ(differences(held, other).at(0), "a.yaml:3:1 (states) held before and does not now: CLOSING is missing");
    EXPECT_EQ(differences(other, held).at(0), "a.yaml:3:1 (states) did not hold before and holds now");
    other.undecided = true;
    EXPECT_EQ(differences(held, other).at(0),
              "a.yaml:3:1 (states) held before and is undecided now: CLOSING is missing");
    other = held;
    other.observed = "CLOSED";
    EXPECT_EQ(differences(held, other).size(), 1U);
    other = held;
    other.kind = "wire";
    EXPECT_EQ(differences(held, other).at(0),
              "the finding at a.yaml:3:1 (wire) was not there before; a.yaml:3:1 (states) was");
}

}  // namespace
}  // namespace tcpwitness
