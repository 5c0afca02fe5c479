// tcpwitness run from outside: exit statuses, formats, --out, and what picks runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "../temporary_folder.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kSocket = "  - client: c = socket()\n";
const std::string kNobodyListens = "  - client: c = socket()\n  - client: connect(c, server:7000)\n";

class RunCommand : public testing::Test {
  protected:
    ToolRun run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"run", "--kernel", "host"});
        return run_tool(arguments, {.folder = folder_.path()});
    }

    json run_json(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--format", "json"});
        return json::parse(run(arguments).output);
    }

    TemporaryFolder folder_;
};

// --- exit statuses ---

TEST_F(RunCommand, Exits0WhenAllPassed) {
    write_case(folder_ / "a.yaml", kSocket);
    const ToolRun ended = run({"a.yaml"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("1 passed, 0 failed, 0 skipped"));
}

TEST_F(RunCommand, Exits1WhenACaseFailed) {
    write_case(folder_ / "a.yaml", kSocket);
    write_case(folder_ / "b.yaml", kNobodyListens);
    const ToolRun ended = run({"."});
    EXPECT_EQ(ended.status, 1) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("1 passed, 1 failed, 0 skipped"));
    EXPECT_THAT(ended.output, HasSubstr("repeat: tcpwitness run b.yaml --seed 1"));
}

TEST_F(RunCommand, Exits2OnBadUsage) {
    write_case(folder_ / "a.yaml", kSocket);
    const std::vector<std::vector<std::string>> wrong{{},
                                                      {"no_such_file.yaml"},
                                                      {"a.yaml", "--no-such-option"},
                                                      {"a.yaml", "--format", "xml"},
                                                      {"a.yaml", "-k", "(a"},
                                                      {"a.yaml", "--repeat", "0"},
                                                      {"a.yaml", "--seed", "x"},
                                                      {"a.yaml", "--family", "ipx"},
                                                      {"a.yaml", "-j", "-1"}};
    for (const std::vector<std::string>& arguments : wrong) {
        const ToolRun ended = run(arguments);
        EXPECT_EQ(ended.status, 2) << (arguments.empty() ? "nothing" : arguments.back()) << "\n" << ended.output;
        EXPECT_NE(ended.error, "") << (arguments.empty() ? "nothing" : arguments.back());
    }
}

TEST_F(RunCommand, Exits2OnABadCaseAndShowsEveryMistakeWithItsPlace) {
    write_case(folder_ / "good.yaml", kSocket);
    write_case(folder_ / "bad.yaml", "  - client: c = sokket()\n  - clinet: bind(c, :7000)\n", "sysctls: {}\n");
    const ToolRun ended = run({"."});
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, HasSubstr("bad.yaml:2:1: error: "));
    EXPECT_THAT(ended.error, HasSubstr("bad.yaml:4:"));
    EXPECT_THAT(ended.error, HasSubstr("bad.yaml:5:"));
}

TEST_F(RunCommand, Exits3OnAnError) {
    write_case(folder_ / "a.yaml", "  - client: exit(0)\n  - client: c = socket()\n");
    write_case(folder_ / "b.yaml", kNobodyListens);  // an error says more than a failure
    EXPECT_EQ(run({"."}).status, 3);
}

TEST_F(RunCommand, Exits4WhenAllWasSkipped) {
    write_case(folder_ / "a.yaml", kSocket, "when: kernel < 2.0\n");
    const ToolRun ended = run({"a.yaml"});
    EXPECT_EQ(ended.status, 4) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("1 skipped: "));
}

TEST_F(RunCommand, Exits5WhenNothingWasSelected) {
    write_case(folder_ / "a.yaml", kSocket);
    EXPECT_EQ(run({"a.yaml", "-k", "nothing_has_this_name"}).status, 5);
    EXPECT_EQ(run({"a.yaml[ipv9]"}).status, 5);
    std::filesystem::create_directory(folder_ / "empty");
    EXPECT_EQ(run({"empty"}).status, 5);
}

// --- what picks runs ---

TEST_F(RunCommand, TakesOneVariantByName) {
    write_case(folder_ / "a.yaml", kSocket, "network: {family: [ipv4, ipv6]}\n");
    const json report = run_json({"a.yaml[ipv6]"});
    ASSERT_EQ(report.at("cases").size(), 1U);
    EXPECT_EQ(report.at("cases").at(0).at("variant"), "ipv6");
}

TEST_F(RunCommand, SelectsByNameAndTag) {
    write_case(folder_ / "a.yaml", kSocket, "tags: [red]\n");
    write_case(folder_ / "b.yaml", kSocket, "tags: [blue]\n");
    const json report = run_json({".", "-k", "red or b"});
    EXPECT_EQ(report.at("cases").size(), 2U);
    EXPECT_EQ(run_json({".", "-k", "not red"}).at("cases").size(), 1U);
}

TEST_F(RunCommand, RepeatsAndNumbersTheRuns) {
    write_case(folder_ / "a.yaml", kSocket);
    const json report = run_json({"a.yaml", "--repeat", "3", "--out", "out"});
    std::vector<std::string> ids;
    for (const json& one : report.at("cases")) ids.push_back(one.at("id"));
    std::sort(ids.begin(), ids.end());
    EXPECT_THAT(ids, ElementsAre("a#1", "a#2", "a#3"));
    EXPECT_EQ(folder_.files().size(), 7U);  // the case, three records, three reports
}

TEST_F(RunCommand, PassesTheSeedOn) {
    write_case(folder_ / "a.yaml", kNobodyListens);
    const json report = run_json({"a.yaml", "--seed", "77"});
    EXPECT_EQ(report.at("cases").at(0).at("seed"), 77);
    EXPECT_THAT(report.at("cases").at(0).at("repeat").get<std::string>(), HasSubstr("--seed 77"));
}

TEST_F(RunCommand, StopsAtTheFirstFailureWhenAsked) {
    for (int i = 0; i < 8; ++i) write_case(folder_ / ("a" + std::to_string(i) + ".yaml"), kNobodyListens);
    const ToolRun ended = run({".", "--fail-fast", "-j", "1"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_THAT(ended.output, HasSubstr("0 passed, 1 failed"));
    EXPECT_THAT(ended.output, HasSubstr("stopped by --fail-fast: 7 cases were not run"));
}

// --- formats and files ---

TEST_F(RunCommand, WritesNothingOutsideOut) {
    write_case(folder_ / "a.yaml", kSocket);
    run({"a.yaml"});
    EXPECT_THAT(folder_.files(), ElementsAre("a.yaml"));
}

TEST_F(RunCommand, KeepsAReportAndARecordOfEveryRunInOut) {
    write_case(folder_ / "a.yaml", kSocket, "network: {family: [ipv4, ipv6]}\n");
    write_case(folder_ / "b.yaml", kSocket, "when: kernel < 2.0\n");
    EXPECT_EQ(run({".", "--out", "deep/out"}).status, 0);
    EXPECT_THAT(folder_.files(),
                ElementsAre("a.yaml", "b.yaml", "deep/out/junit.xml", "deep/out/records/a[ipv4].json",
                            "deep/out/records/a[ipv6].json", "deep/out/records/b.json", "deep/out/report.html",
                            "deep/out/report.json"));
    EXPECT_EQ(json::parse(read_file(folder_ / "deep/out/report.json")).at("cases").size(), 3U);
    EXPECT_THAT(read_file(folder_ / "deep/out/junit.xml"), StartsWith("<?xml"));
}

// Calls, states, faults and other steps are comments of the packets.
TEST_F(RunCommand, KeepsACaptureThatWiresharkReads) {
    write_case(folder_ / "a.yaml",
               "  - path: drop(client > server, SYN)\n" + kNobodyListens.substr(0, kNobodyListens.size() - 1) + " = ECONNREFUSED\n");
    EXPECT_EQ(run({"a.yaml", "--out", "out"}).status, 0);
    ASSERT_THAT(folder_.files(), testing::Contains("out/pcap/a.pcapng"));
    if (system("tshark --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "tshark is not installed";
    const std::string command = "tshark -r " + (folder_ / "out/pcap/a.pcapng") +
                                " -T fields -e frame.interface_name -e tcp.flags.str -e frame.comment > " +
                                (folder_ / "read.txt") + " 2> /dev/null";
    EXPECT_EQ(system(command.c_str()), 0);
    const std::string text = read_file(folder_ / "read.txt");
    for (const char* told : {"client client0\t", "server server0\t", "client: connect(c, server:7000) = ECONNREFUSED",
                             "client c CLOSED -> SYN_SENT", "path: drop, 1 packet", "SYN seq=0, lost", "RST ACK"})
        EXPECT_THAT(text, HasSubstr(told));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5) << "SYN lost; SYN and RST ACK at both ends\n" << text;
}

TEST_F(RunCommand, KeepsNoCaptureOfARunWithoutPackets) {
    write_case(folder_ / "a.yaml", kSocket);
    run({"a.yaml", "--out", "out"});
    EXPECT_THAT(folder_.files(), Not(testing::Contains("out/pcap/a.pcapng")));
}

TEST_F(RunCommand, TellsEveryEventAsItIsObservedWhenAsked) {
    write_case(folder_ / "a.yaml", kNobodyListens.substr(0, kNobodyListens.size() - 1) + " = ECONNREFUSED\n  - wait: 3s\n");
    Tool tool({"run", "a.yaml", "-v"}, {.folder = folder_.path()});
    const auto told = [&tool] { return tool.output_so_far().find("SYN_SENT -> CLOSED") != std::string::npos; };
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!told() && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_THAT(tool.output_so_far(), Not(HasSubstr("passed"))) << "the run goes on";
    const std::string output = tool.wait().output;
    for (const char* line : {"client: c = socket()", "client > server: SYN seq=0, sent", "client > server: SYN seq=0, arrived",
                             "server > client: RST ACK seq=#0 ack=1, arrived", "client: connect(c, server:7000) = ECONNREFUSED"})
        EXPECT_THAT(output, HasSubstr(line));
    EXPECT_THAT(run({"a.yaml"}).output, Not(HasSubstr("SYN seq=0, arrived")));
}

TEST_F(RunCommand, TellsEventsToPeopleOnly) {
    write_case(folder_ / "a.yaml", kSocket);
    EXPECT_EQ(run({"a.yaml", "-v", "--format", "json"}).status, 2);
}

TEST_F(RunCommand, SaysWhereItCannotWriteBeforeAnythingIsRun) {
    write_case(folder_ / "a.yaml", kSocket);
    write_file(folder_ / "file", "in the way");
    std::filesystem::create_directories(folder_ / "half");
    write_file(folder_ / "half/records", "in the way");
    std::filesystem::create_directories(folder_ / "page/report.html");
    const std::map<std::string, std::string> refusals{
        {"file", "tcpwitness: mkdir file: Not a directory\n"},
        {"file/below", "tcpwitness: mkdir file/below: Not a directory\n"},
        {"half", "tcpwitness: mkdir half/records: Not a directory\n"},
        {"page", "tcpwitness: open page/report.html: Is a directory\n"},
        {"/proc/out", "tcpwitness: mkdir /proc/out: No such file or directory\n"}};
    for (const auto& [out, error] : refusals) {
        const ToolRun ended = run({"a.yaml", "--out", out});
        EXPECT_EQ(ended.status, 2) << out;
        EXPECT_EQ(ended.error, error);
        EXPECT_EQ(ended.output, "");
    }
}

TEST_F(RunCommand, GivesWellFormedXml) {
    write_case(folder_ / "a.yaml", kNobodyListens, "about: '<&\">'\n");
    write_case(folder_ / "b.yaml", kSocket);
    const ToolRun ended = run({".", "--format", "junit"});
    write_file(folder_ / "junit.xml", ended.output);
    const std::string check =
        "python3 -c 'import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]).getroot(); "
        "sys.exit(r.attrib[\"tests\"] != \"2\" or len(r.findall(\".//failure\")) != 1)' ";
    EXPECT_EQ(system((check + (folder_ / "junit.xml")).c_str()), 0) << ended.output;
}

TEST_F(RunCommand, GivesKtap) {
    write_case(folder_ / "a.yaml", kNobodyListens);
    write_case(folder_ / "b.yaml", kSocket);
    write_case(folder_ / "c.yaml", kSocket, "when: kernel < 2.0\n");
    const ToolRun ended = run({".", "--format", "ktap"});
    EXPECT_THAT(ended.output, StartsWith("KTAP version 1\n1..3\n"));
    EXPECT_THAT(ended.output, HasSubstr("not ok "));
    EXPECT_THAT(ended.output, HasSubstr("# SKIP "));
    EXPECT_THAT(ended.output, HasSubstr("# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0"));
}

TEST_F(RunCommand, GivesPlainLinesWhereThereIsNoTerminal) {
    write_case(folder_ / "a.yaml", kNobodyListens);
    EXPECT_THAT(run({"a.yaml"}).output, Not(HasSubstr("\x1b[")));
    EXPECT_THAT(run({"a.yaml", "--colour", "always"}).output, HasSubstr("\x1b["));
}

}  // namespace
}  // namespace tcpwitness::test
