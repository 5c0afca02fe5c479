#include "page/case_lines.hh"

#include <gtest/gtest.h>

#include "sample_records.hh"

namespace tcpwitness {
namespace {

const CaseLine* line_with(const std::vector<CaseLine>& lines, const std::string& text) {
    for (const CaseLine& line : lines) {
        if (line.text.find(text) != std::string::npos) return &line;
    }
    return nullptr;
}

TEST(CaseLines, EachStepStandsAtItsLine) {
    const Record record = sample_record(four_way_close(), Outcome::pass);
    const std::vector<CaseLine> lines = case_lines(record);
    ASSERT_EQ(lines.size(), record.plan.case_text.size());
    const CaseLine* line = line_with(lines, "send(c, 1)");
    ASSERT_NE(line, nullptr);
    ASSERT_EQ(line->steps.size(), 1U);
    EXPECT_EQ(step_results(record).at(static_cast<size_t>(line->steps[0])).text, "EPIPE");
    EXPECT_TRUE(line_with(lines, "expect:")->steps.empty());
}

TEST(CaseLines, FindingsStandAtTheirLine) {
    const Record record = sample_records().front();
    const std::vector<CaseLine> lines = case_lines(record);
    EXPECT_EQ(line_with(lines, "client c: ... -> TIME_WAIT")->findings, std::vector<size_t>{0});
}

TEST(CaseLines, IncludedStepsStandBehindTheLineThatIncludesThem) {
    Record record = sample_record(four_way_close(), Outcome::pass);
    record.plan.case_text = {"case: x", "include: ../common/open.yaml", "steps:", "  - include: open a connection",
                             "  - client: close(c)"};
    record.plan.steps.resize(3);
    record.plan.steps[0].source = {{"cases/common/open.yaml", 4, 7}, "server: l = socket()"};
    record.plan.steps[1].source = {{"cases/common/open.yaml", 5, 7}, "server: bind(l, :7000)"};
    record.plan.steps[2].source = {{record.plan.source.file, 5, 5}, "client: close(c)"};
    const std::vector<CaseLine> lines = case_lines(record);
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_EQ(lines[3].text, "  - include: open a connection");
    EXPECT_EQ(lines[4].file, "open.yaml");
    EXPECT_EQ(lines[4].number, 4);
    EXPECT_EQ(lines[5].steps, std::vector<int>{1});
    EXPECT_EQ(lines[6].steps, std::vector<int>{2});
}

TEST(StepResults, SayWhatWentWrong) {
    const Record record = sample_record(bad_line(), Outcome::fail, "x");
    const StepResult last = step_results(record).back();
    EXPECT_TRUE(last.taken);
    EXPECT_FALSE(last.good);
    EXPECT_EQ(last.text, "timed out: TIME_WAIT");
    const StepResult call = step_results(failed_step_record()).back();
    EXPECT_FALSE(call.good);
    EXPECT_EQ(call.text, "ECONNREFUSED");
}

TEST(StepResults, AStepThatWasNotReachedIsNotTaken) {
    Record record = sample_record(four_way_close(), Outcome::error);
    record.timeline.events.resize(4);
    EXPECT_FALSE(step_results(record).back().taken);
}

}  // namespace
}  // namespace tcpwitness
