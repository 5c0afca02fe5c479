#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "page/page_data.hh"
#include "sample_records.hh"

namespace tcpwitness {
namespace {

using nlohmann::json;

json arrow_with(const json& data, const std::string& label) {
    for (const json& arrow : data["picture"]["arrows"]) {
        if (arrow["label"] == label) return arrow;
    }
    return {};
}

TEST(CaseData, ASegmentKnowsTheStateChangesAndTheStep) {
    const Record record = sample_record(four_way_close(), Outcome::pass);
    const json data = json::parse(case_data(record, {}));
    const json fin = arrow_with(data, "FIN ACK seq=1 ack=1");
    ASSERT_FALSE(fin.is_null());
    const auto step = fin["step"].get<size_t>();
    EXPECT_EQ(record.plan.steps.at(step).source.text, "- client: shutdown(c, SHUT_WR)");
    ASSERT_EQ(fin["changes"].size(), 1U);
    const std::string changed = data["events"][std::to_string(fin["changes"][0].get<int>())][1];
    EXPECT_NE(changed.find("ESTABLISHED -> CLOSE_WAIT"), std::string::npos) << changed;
}

TEST(CaseData, ASegmentThatChangedNothingSaysSo) {
    const json data = json::parse(case_data(sample_record(four_way_close(), Outcome::pass), {}));
    EXPECT_FALSE(arrow_with(data, "ACK seq=2 ack=1001").contains("changes"));
}

TEST(CaseData, EvidenceNamesEventsThatHaveWords) {
    const json data = json::parse(case_data(sample_records().front(), {}));
    const json evidence = data["findings"][0]["evidence"];
    ASSERT_FALSE(evidence.empty());
    for (const json& event : evidence) EXPECT_TRUE(data["events"].contains(std::to_string(event.get<int>())));
}

TEST(CaseData, BytesThatAreNotTextDoNotBreakIt) {
    const json data = json::parse(case_data(broken_record(), {}));
    EXPECT_TRUE(data["outputs"].contains("the run itself"));
}

TEST(OverviewData, CountsAndNamesRunsAndTheirArcs) {
    OverviewData overview;
    for (const Record& record : sample_records()) overview.add(record);
    const json data = json::parse(overview.json("this kernel"));
    EXPECT_EQ(data["counts"], json({{"pass", 1}, {"fail", 2}, {"skip", 1}, {"error", 1}}));
    EXPECT_EQ(data["cases"].size(), 5U);
    EXPECT_EQ(data["cases"][0]["subject"], "teardown");
    EXPECT_EQ(data["cases"][0]["kernel"], "6.1");
    const auto arcs = data["cases"][1]["arcs"].get<std::vector<std::string>>();
    EXPECT_NE(std::find(arcs.begin(), arcs.end(), "FIN_WAIT_1 CLOSING"), arcs.end());
    EXPECT_EQ(std::find(arcs.begin(), arcs.end(), "CLOSED SYN_RCVD"), arcs.end()) << "was only inferred";
}

TEST(OverviewData, OneKernelIsNoComparison) {
    OverviewData overview;
    overview.add(sample_records().front());
    EXPECT_EQ(json::parse(overview.json(""))["compared"], 0);
}

}  // namespace
}  // namespace tcpwitness
