// mutate, coverage and tune from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../temporary_folder.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kRefused = "  - client: c = socket()\n  - client: connect(c, server:7000) = ECONNREFUSED\n";

class Asking : public testing::Test {
  protected:
    ToolRun tool(const std::vector<std::string>& arguments) const {
        return run_tool(arguments, {.folder = folder_.path(), .environment = {"LC_ALL=C.UTF-8"}});
    }
    void write(const std::string& name, const std::string& expect) const {
        write_case(folder_ / name, kRefused, "expect:\n  wire:\n" + expect);
    }

    TemporaryFolder folder_;
};

TEST_F(Asking, MutateIsContentWithASharpCase) {
    write("a.yaml", "    - client > server: SYN seq=p\n    - server > client: RST ACK ack=p+1\n");
    const ToolRun ended = tool({"mutate", "--kernel", "host", "a.yaml"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("1 run judged with "));
    EXPECT_THAT(ended.output, HasSubstr("0 unnoticed"));
}

TEST_F(Asking, MutateNamesTheLineThatWouldNotNotice) {
    write("a.yaml", "    - client > server: SYN seq=p\n    - server > client: RST ACK ack=q\n");
    const ToolRun ended = tool({"mutate", "--kernel", "host", "a.yaml"});
    EXPECT_EQ(ended.status, 1) << ended.output << ended.error;
    EXPECT_THAT(ended.output, HasSubstr("unnoticed: ack=q is ack=q+1"));
    EXPECT_THAT(ended.output, HasSubstr("unnoticed: seq=p is seq=p+1"));
}

TEST_F(Asking, MutateTakesReasonsAndRecords) {
    write("a.yaml",
          "    - client > server: SYN seq=p  # unnoticed: any will do\n    - server > client: RST ACK ack=q  # "
          "unnoticed: as well\n");
    ASSERT_EQ(tool({"run", "--kernel", "host", "a.yaml", "--out", "out"}).status, 0);
    const ToolRun ended = tool({"mutate", "out", "--format", "json"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
    EXPECT_EQ(json::parse(ended.output).at("survivors").size(), 2U);
    EXPECT_EQ(tool({"mutate", "out", "a.yaml"}).status, 2);
}

TEST_F(Asking, CoverageRequires) {
    write("a.yaml", "    - client > server: SYN seq=p\n    - server > client: RST ACK ack=p+1\n");
    EXPECT_EQ(tool({"coverage"}).status, 2) << "there is no folder out";
    ASSERT_EQ(tool({"run", "--kernel", "host", "a.yaml", "--out", "out"}).status, 0);
    const ToolRun ended = tool({"coverage", "--format", "json"});
    EXPECT_EQ(ended.status, 0) << ended.error;
    bool shown = false;
    const json told = json::parse(ended.output);
    for (const json& arc : told.at("arcs")) {
        if (arc.at("id") == "SYN_SENT -> CLOSED by a reset") shown = arc.at("shown");
    }
    EXPECT_TRUE(shown);
    const ToolRun required = tool({"coverage", "out", "--require", "arcs,claims"});
    EXPECT_EQ(required.status, 1);
    EXPECT_THAT(required.error, HasSubstr("required but not shown, claims: C01"));
}

TEST_F(Asking, TuneTellsWhatASettingChanges) {
    write("a.yaml", "    - client > server: SYN ts\n    - server > client: RST ACK\n");
    const ToolRun ended = tool({"tune", "--cases", "a.yaml", "--sysctl", "net.ipv4.tcp_timestamps=0", "--sysctl",
                                "net.ipv4.tcp_ecn=2", "--sysctl", "net.ipv4.tcp_tw_recycle=1", "--format", "json"});
    ASSERT_EQ(ended.status, 0) << ended.error;
    const json told = json::parse(ended.output);
    ASSERT_EQ(told.at("changed").size(), 1U) << ended.output;
    EXPECT_EQ(told.at("changed").at(0).at("keys"), json::array({"net.ipv4.tcp_timestamps"}));
    EXPECT_EQ(told.at("changed_nothing").at(0).at("key"), "net.ipv4.tcp_ecn");
    EXPECT_EQ(told.at("not_applied").at(0).at("why"), "this kernel has no such key");
}

TEST_F(Asking, TuneMakesAPageOfTheProfile) {
    write("a.yaml", "    - client > server: SYN ts\n    - server > client: RST ACK\n");
    write_file(folder_ / "fast.conf", "# faster\nnet.ipv4.tcp_timestamps = 0\nnet.ipv4.tcp_ecn = 2\n");
    const ToolRun ended = tool({"tune", "fast.conf", "--cases", "a.yaml", "--sysctl", "net.ipv4.tcp_tw_recycle=1", "-o", "tune.html"});
    ASSERT_EQ(ended.status, 0) << ended.error;
    const std::string page = read_file(folder_ / "tune.html");
    EXPECT_THAT(page, HasSubstr("<div class=\"words\"># faster</div>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_timestamps = 0</code><span>changes 1 run</span>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_ecn = 2</code><span>changes nothing here</span>"));
    EXPECT_THAT(page, HasSubstr("<code>net.ipv4.tcp_tw_recycle=1</code><span>this kernel has no such key</span>"));
}

TEST_F(Asking, TuneSaysBeforeAnythingRunsThatItCannotWriteThere) {
    write("a.yaml", "    - client > server: SYN\n    - server > client: RST ACK\n");
    const ToolRun ended = tool({"tune", "--cases", "a.yaml", "--sysctl", "net.ipv4.tcp_ecn=2", "-o", "no/such/folder/a.html"});
    EXPECT_EQ(ended.status, 2);
    EXPECT_THAT(ended.error, HasSubstr("no/such/folder"));
    EXPECT_EQ(ended.output, "");
}

TEST_F(Asking, TuneWantsSettings) {
    write("a.yaml", "    - client > server: SYN\n    - server > client: RST ACK\n");
    EXPECT_EQ(tool({"tune", "--cases", "a.yaml"}).status, 2);
    EXPECT_EQ(tool({"tune", "--cases", "a.yaml", "--sysctl", "nonsense"}).status, 2);
}

}  // namespace
}  // namespace tcpwitness::test
