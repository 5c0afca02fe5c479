// The commands besides run, from outside: check, list, plan, judge, show, doctor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "../temporary_folder.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kFailing = "  - client: c = socket()\n  - client: connect(c, server:7000)\n";

size_t columns(const std::string& line) {
    size_t count = 0;
    for (const char byte : line) count += (byte & 0xC0) != 0x80 ? 1 : 0;  // UTF-8: not a continuation
    return count;
}

size_t widest(const std::string& text) {
    size_t most = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) most = std::max(most, columns(line));
    return most;
}

class Commands : public testing::Test {
  protected:
    ToolRun tool(const std::vector<std::string>& arguments) const {
        return run_tool(arguments, {.folder = folder_.path(), .environment = {"LC_ALL=C.UTF-8"}});
    }

    // A case that fails, its record in "out/records/a.json".
    std::string record() const {
        write_case(folder_ / "a.yaml", kFailing);
        EXPECT_EQ(tool({"run", "--kernel", "host", "a.yaml", "--out", "out"}).status, 1);
        return "out/records/a.json";
    }

    TemporaryFolder folder_;
};

TEST_F(Commands, CheckReadsTheShippedCases) {
    const ToolRun ended = run_tool({"check", "cases", "cases/self"});
    EXPECT_EQ(ended.status, 0) << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("without a mistake"));
}

TEST_F(Commands, CheckNeedsNoPrivilegeAndNoNamespace) {
    write_case(folder_ / "a.yaml", kFailing);
    EXPECT_EQ(tool({"check", "a.yaml"}).status, 0);
    write_case(folder_ / "b.yaml", "  - client: c = socket(\n");
    const ToolRun ended = tool({"check", "."});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.error, HasSubstr("b.yaml:3:"));
}

TEST_F(Commands, ListNamesRunsSoThatRunTakesThem) {
    write_case(folder_ / "a.yaml", kFailing, "network: {family: [ipv4, ipv6]}\n");
    const ToolRun listed = tool({"list", "a.yaml"});
    EXPECT_EQ(listed.status, 0) << listed.error;
    EXPECT_THAT(listed.output, StartsWith("a.yaml[ipv4]  a\na.yaml[ipv6]  a\n"));
    EXPECT_EQ(tool({"list", "a.yaml", "-k", "nothing"}).status, 5);
}

TEST_F(Commands, PlanPrintsJson) {
    write_case(folder_ / "a.yaml", kFailing, "network: {family: [ipv4, ipv6]}\n");
    const ToolRun ended = tool({"plan", "a.yaml[ipv6]", "--seed", "9"});
    EXPECT_EQ(ended.status, 0) << ended.error;
    const json plan = json::parse(ended.output);
    EXPECT_EQ(plan.at("id"), "a[ipv6]");
    EXPECT_EQ(plan.at("seed"), 9);
}

TEST_F(Commands, JudgeComesToTheSameVerdict) {
    const ToolRun ended = tool({"judge", record()});
    EXPECT_EQ(ended.status, 1) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("ECONNREFUSED"));
    EXPECT_THAT(ended.output, Not(HasSubstr("now different")));
}

TEST_F(Commands, JudgeSeesAVerdictThatIsNotTheRecordsOwn) {
    const std::string path = folder_ / record();
    json changed = json::parse(read_file(path));
    changed.at("verdict").at("outcome") = "pass";
    write_file(path, changed.dump());
    const ToolRun ended = tool({"judge", path});
    EXPECT_EQ(ended.status, 1) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("now different"));
}

TEST_F(Commands, ShowDrawsALadderOfTheWantedWidth) {
    const std::string path = record();
    for (const size_t width : {80, 160}) {
        const ToolRun ended = tool({"show", path, "--width", std::to_string(width)});
        EXPECT_EQ(ended.status, 0) << ended.error;
        for (const char* drawn : {"client", "server", "SYN seq=0", "RST ACK", "SYN_SENT", "connect(c, server:7000)"})
            EXPECT_THAT(ended.output, HasSubstr(drawn));
        EXPECT_LE(widest(ended.output), width) << ended.output;
    }
    EXPECT_GT(widest(tool({"show", path, "--width", "160"}).output), 80U);
}

TEST_F(Commands, RunKeepsToTheWidthOfTheTerminal) {
    write_case(folder_ / "a.yaml", kFailing);
    for (const size_t width : {80, 120}) {
        const std::vector<std::string> environment{"LC_ALL=C.UTF-8", "COLUMNS=" + std::to_string(width)};
        const ToolRun ended = run_tool({"run", "--kernel", "host", "a.yaml"}, {.folder = folder_.path(), .environment = environment});
        EXPECT_LE(widest(ended.output), width) << ended.output;
    }
}

TEST_F(Commands, ReportMakesOnePageOfRecordsAndFolders) {
    record();
    for (const char* word : {"out", "out/records", "out/records/a.json"}) {
        const ToolRun ended = tool({"report", word, "-o", "page.html"});
        EXPECT_EQ(ended.status, 0) << ended.error;
        EXPECT_THAT(ended.output, HasSubstr("page.html: 1 run, "));
        const std::string page = read_file(folder_ / "page.html");
        EXPECT_THAT(page, HasSubstr("id=\"case-0\""));
        EXPECT_THAT(page, HasSubstr("ECONNREFUSED"));
    }
    EXPECT_EQ(tool({"report", "out", "out/records/a.json", "-o", "two.html"}).status, 0);
    EXPECT_THAT(read_file(folder_ / "two.html"), HasSubstr("id=\"case-1\""));
}

TEST_F(Commands, ReportRefusesWhatIsNoRecord) {
    write_file(folder_ / "x.json", "{\"format\": 1}");
    for (const char* word : {"x.json", "no_such_file.json"}) {
        const ToolRun ended = tool({"report", word, "-o", "page.html"});
        EXPECT_EQ(ended.status, 2) << word;
        EXPECT_THAT(ended.error, HasSubstr(word));
    }
    EXPECT_THAT(folder_.files(), Not(testing::Contains("page.html")));
}

// Each says so at once: there is no record, no server and no such port to be asked about.
TEST_F(Commands, SayWhereTheyCannotWriteBeforeTheyBegin) {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"report", ".", "-o"}, {"try", "--server", "/no/server", "--out"}, {"why-bind", "203.0.113.7:1", "--case"}}) {
        for (const auto& [file, error] : std::map<std::string, std::string>{
                 {"no/such/x", "access no/such: No such file or directory"},
                 {"/", "open /: Is a directory"},
                 {"/proc/version/x", "stat /proc/version/x: Not a directory"}}) {
            std::vector<std::string> all = words;
            all.push_back(file);
            const ToolRun ended = tool(all);
            EXPECT_EQ(ended.status, 2) << words.front();
            EXPECT_EQ(ended.error, "tcpwitness: " + error + "\n");
            EXPECT_EQ(ended.output, "");
        }
    }
    if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
    const ToolRun theirs = run_tool({"report", ".", "-o", "/root.html"}, {.folder = "/", .user = 65534});
    EXPECT_EQ(theirs.status, 2);
    EXPECT_EQ(theirs.error, "tcpwitness: access /: Permission denied\n");
}

TEST_F(Commands, RefuseWhatIsNoRecord) {
    write_file(folder_ / "x.json", "{\"format\": 1}");
    for (const char* command : {"judge", "show"}) {
        for (const char* path : {"x.json", "no_such_file.json"}) {
            const ToolRun ended = tool({command, path});
            EXPECT_EQ(ended.status, 2) << command << " " << path;
            EXPECT_THAT(ended.error, HasSubstr(path));
        }
    }
}

TEST_F(Commands, DoctorSaysWhatThereIsAndWhatItCosts) {
    write_case(folder_ / "cases/a.yaml", kFailing, "when: kernel < 2.0\n");
    const ToolRun ended = tool({"doctor", "--kernel", "host"});
    EXPECT_EQ(ended.status, 0) << ended.error;
    for (const char* named : {"kernel ", "HZ ", "namespaces", "veth", "state tracer", "1 skipped: "})
        EXPECT_THAT(ended.output, HasSubstr(named));
}

TEST_F(Commands, HelpNamesEveryCommandAndTheExitStatus) {
    const ToolRun ended = tool({"--help"});
    EXPECT_EQ(ended.status, 0);
    for (const char* named : {"run", "list", "check", "plan", "judge", "show", "report", "doctor", "Exit status"})
        EXPECT_THAT(ended.output, HasSubstr(named));
}

}  // namespace
}  // namespace tcpwitness::test
