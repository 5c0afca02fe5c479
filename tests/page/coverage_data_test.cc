// What the overview says of the claims and of the table of states and events.
#include "page/coverage_data.hh"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "page/page_data.hh"
#include "sample_records.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::json;

const Witness kOld{"a[ipv4]@6.1", "6.1", ""};
const Witness kNew{"a[ipv4]@6.12", "6.12", ""};

CoverageCell& cell(Coverage& coverage, TcpState state, TableEvent event) {
    return coverage.cells[static_cast<size_t>(state) * kTableEvents + static_cast<size_t>(event)];
}

Json cell_of(const Json& data, TcpState state, TableEvent event) {
    return data["states"][static_cast<size_t>(state)]["cells"][static_cast<size_t>(event)];
}

// Nothing was shown yet.
Coverage empty_coverage() {
    return CoverageCollector().finish();
}

// One cell with two answers, in which the kernels differ.
Json two_answers() {
    Coverage coverage = empty_coverage();
    cell(coverage, TcpState::syn_sent, TableEvent::reset_in).answers = {{"nothing", "CLOSED", {kOld, kNew}},
                                                                        {"ACK", "SYN_SENT", {kNew}}};
    coverage.differences = {{"SYN_SENT x RST in window", {{"6.1", "nothing"}, {"6.12", "ACK"}}}};
    return Json::parse(coverage_data(coverage));
}

TEST(CoverageData, TheTableHasElevenStatesAndEighteenEvents) {
    const Json data = two_answers();
    ASSERT_EQ(data["states"].size(), 11U);
    ASSERT_EQ(data["events"].size(), 18U);
    EXPECT_EQ(data["states"][2]["state"], "SYN_SENT");
    EXPECT_EQ(data["events"][14], "RST in window");
    for (const Json& row : data["states"]) EXPECT_EQ(row["cells"].size(), 18U) << row["state"];
    EXPECT_EQ(data["shown"], 1);
    EXPECT_EQ(data["possible"], 191);
}

TEST(CoverageData, ACellThatIsShownNamesARunForEachAnswer) {
    const Json shown = cell_of(two_answers(), TcpState::syn_sent, TableEvent::reset_in);
    EXPECT_EQ(shown["answers"][0],
              (Json{{"answer", "nothing"}, {"after", "CLOSED"}, {"run", "a[ipv4]@6.1"}, {"runs", 2}}));
    EXPECT_EQ(shown["answers"][1]["run"], "a[ipv4]@6.12");
}

TEST(CoverageData, ACellSaysWhereKernelsDiffer) {
    const Json data = two_answers();
    EXPECT_EQ(cell_of(data, TcpState::syn_sent, TableEvent::reset_in)["kernels"],
              (Json{{"6.1", "nothing"}, {"6.12", "ACK"}}));
    EXPECT_FALSE(cell_of(data, TcpState::syn_sent, TableEvent::reset_out).contains("kernels"));
}

TEST(CoverageData, ACellThatCannotBeSaysWhy) {
    const Json cannot = cell_of(two_answers(), TcpState::listen, TableEvent::time_out);
    EXPECT_EQ(cannot["impossible"], why_impossible(TcpState::listen, TableEvent::time_out));
    EXPECT_FALSE(cannot.contains("answers"));
}

TEST(CoverageData, ACellThatIsNotShownHasNoAnswers) {
    const Json unseen = cell_of(two_answers(), TcpState::closing, TableEvent::fin);
    EXPECT_TRUE(unseen["answers"].empty());
    EXPECT_FALSE(unseen.contains("impossible"));
}

TEST(CoverageData, AClaimHasItsSentenceAndItsRuns) {
    Coverage coverage = empty_coverage();
    coverage.claims[6].witnesses = {kOld, kNew};
    coverage.claims[7].announced = {"a[ipv4]@6.1"};
    const Json claims = Json::parse(coverage_data(coverage))["claims"];
    ASSERT_EQ(claims.size(), 25U);
    EXPECT_EQ(claims[6], (Json{{"id", "C07"},
                               {"text", "close() sends FIN: ESTABLISHED to FIN_WAIT_1"},
                               {"runs", {"a[ipv4]@6.1", "a[ipv4]@6.12"}},
                               {"announced", 0}}));
    EXPECT_TRUE(claims[7]["runs"].empty());
    EXPECT_EQ(claims[7]["announced"], 1);
}

TEST(CoverageData, OfRunsThatShowedNothingHasNeitherClaimsNorATable) {
    const Json data = Json::parse(coverage_data(empty_coverage()));
    EXPECT_TRUE(data["claims"].empty());
    EXPECT_TRUE(data["states"].empty());
}

TEST(CoverageData, OnlyRunsThatPassedShowAnything) {
    const std::string passed = "teardown/four_way_close[ipv4]@6.1";
    OverviewData overview;
    for (const Record& record : sample_records()) overview.add(record);
    const Json data = Json::parse(overview.json(""))["coverage"];
    EXPECT_EQ(data["claims"][6]["runs"], Json::array({passed}));
    EXPECT_TRUE(cell_of(data, TcpState::closing, TableEvent::ack)["answers"].empty()) << "passed by a run that failed";
    EXPECT_EQ(cell_of(data, TcpState::established, TableEvent::fin)["answers"][0]["run"], passed);
}

}  // namespace
}  // namespace tcpwitness
