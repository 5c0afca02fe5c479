#include "report/console.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "approved.hh"
#include "records.hh"
#include "report/comparison_text.hh"
#include "report/failure_text.hh"
#include "report/progress_line.hh"

namespace tcpwitness {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

std::string last_line(const std::string& text) {
    return split_lines(text).back();
}

TEST(Console, LinesAreAsApproved) {
    expect_approved("console.80.txt", output_of<ConsoleLines>(all_records(), Style{.width = 80}));
    expect_approved("console.120.ascii.txt",
                    output_of<ConsoleLines>(all_records(), Style{.width = 120, .utf8 = false}));
}

TEST(Console, LastLineCountsAll) {
    const std::string output = output_of<ConsoleLines>(all_records(), Style{.colour = true});
    EXPECT_EQ(strip_colour(last_line(output)), "1 passed, 2 failed, 3 skipped, 1 error in 61.3s");
    EXPECT_NE(
        strip_colour(output).find("3 skipped: netem is not in this kernel (2), redis-server is not installed (1)"),
        std::string::npos);
}

TEST(Console, SkipsAreCountedByWhatTheirReasonsHaveInCommon) {
    Summary summary;
    summary.add(skipped_record("a/b", "not seen exactly (client c was in SYN_SENT for 40ms)"));
    summary.add(skipped_record("a/b", "not seen exactly (client c was in SYN_SENT for 42ms)"));
    summary.add(skipped_record("a/b", "no netem"));
    EXPECT_EQ(skip_line(summary), "3 skipped: not seen exactly (2), no netem (1)");
}

TEST(Console, RunsThatWereMadeAgainAreTold) {
    Summary summary;
    EXPECT_EQ(again_line(summary), "");
    summary.made_again = 1;
    EXPECT_EQ(again_line(summary), "1 run was made again, because observers lost records");
    EXPECT_NE(closing_text(summary, Style{}).find(again_line(summary)), std::string::npos);
}

TEST(Console, CaseLinesSayOutcomeTimeAndName) {
    EXPECT_EQ(case_line(failed_states_record(), Style{}), "fail  1.24s teardown/four-way close [ipv6]\n");
    EXPECT_EQ(case_line(skipped_record("a/b", "no netem"), Style{}),
              "skip      - a/random loss & <delay> #1 [loss=20%]: no netem\n");
}

TEST(Console, NoTerminalEscapeOfAProgramComesThrough) {
    const std::string output = output_of<ConsoleLines>(all_records(), Style{.width = 120});
    EXPECT_EQ(output.find('\x1b'), std::string::npos);
    EXPECT_EQ(output.find('\x07'), std::string::npos);
    EXPECT_NE(output.find("\\x1b[2J\\x1b]0;title\\x07\\xff\\xfe  tab"), std::string::npos);
}

TEST(Console, ColourChangesNothingButColour) {
    for (const int width : {60, 80, 133}) {
        EXPECT_EQ(strip_colour(output_of<ConsoleLines>(all_records(), Style{.width = width, .colour = true})),
                  output_of<ConsoleLines>(all_records(), Style{.width = width}));
    }
}

TEST(Console, NothingButTheCommandIsWiderThanTheStyle) {
    for (const int width : {60, 72, 80, 100, 160}) {
        for (const std::string& line : split_lines(output_of<ConsoleLines>(all_records(), Style{.width = width}))) {
            EXPECT_TRUE(line.starts_with("  repeat: ") || display_width(line) <= width) << line;
        }
    }
}

// What stands above each line that has nothing but a caret, from the caret's column on.
std::vector<std::string> above_carets(const std::string& text) {
    std::vector<std::string> marked;
    const std::vector<std::string> lines = split_lines(text);
    for (size_t i = 1; i < lines.size(); ++i) {
        const size_t caret = lines[i].find('^');
        if (caret == std::string::npos || lines[i].find_first_not_of(" ^") != std::string::npos) continue;
        size_t byte = 0;
        int column = 0;
        for (const Glyph& glyph : glyphs_of(lines[i - 1])) {
            if (column >= static_cast<int>(caret)) break;
            column += glyph.width;
            byte += glyph.bytes.size();
        }
        marked.push_back(lines[i - 1].substr(byte));
    }
    return marked;
}

std::vector<std::string> carets_of(const std::string& expected, size_t expected_mark, const std::string& observed,
                                   size_t observed_mark) {
    Finding finding;
    finding.expected = expected;
    finding.observed = observed;
    finding.expected_mark = expected_mark;
    finding.observed_mark = observed_mark;
    return above_carets(comparison_text(finding, Style{}));
}

TEST(Comparison, OneCaretIsEnoughForOneColumn) {
    EXPECT_EQ(carets_of("a -> b", 5, "a -> c", 5), (std::vector<std::string>{"c"}));
    EXPECT_EQ(carets_of("a -> b", 5, "a -> é -> c", 8), (std::vector<std::string>{"b", "-> c"}));
}

TEST(Comparison, WithoutMarksThereIsNoCaret) {
    EXPECT_TRUE(carets_of("a", std::string::npos, "b", std::string::npos).empty());
    EXPECT_EQ(comparison_text(Finding{}, Style{}), "");
}

TEST(Comparison, ADifferenceFarToTheRightIsShown) {
    const std::string many(200, '.');
    EXPECT_EQ(carets_of(many + "b", 200, many + "c", 200), (std::vector<std::string>{"c"}));
    EXPECT_EQ(carets_of("b", 0, many + "c", 200), (std::vector<std::string>{"b", "c"})) << "each where its own is seen";
}

TEST(Comparison, OfManyLinesThoseAroundTheDifferenceAreShown) {
    std::string expected, observed;
    for (int i = 0; i < 20; ++i) expected += "line " + std::to_string(i) + "\n";
    observed = expected;
    const size_t mark = observed.find("12");
    observed.replace(mark, 2, "xx");
    EXPECT_EQ(carets_of(expected, mark, observed, mark), (std::vector<std::string>{"12", "xx"}));
    Finding finding;
    finding.expected = expected;
    finding.observed = observed;
    finding.expected_mark = finding.observed_mark = mark;
    const std::string text = comparison_text(finding, Style{});
    EXPECT_EQ(text.find("line 8\n"), std::string::npos);
    EXPECT_NE(text.find("line 9\n"), std::string::npos);
    EXPECT_NE(text.find("(4 more lines)"), std::string::npos);
}

TEST(Failure, OnlyWhatProvesItIsMarked) {
    Record record = failed_states_record();
    EXPECT_NE(failure_text(record, Style{}).find("▸"), std::string::npos);
    record.verdict.findings.front().evidence.clear();
    EXPECT_EQ(failure_text(record, Style{}).find("▸"), std::string::npos);
}

TEST(Failure, AStepThatEndedLaterIsNotSaidToHaveNoEnd) {
    Record record = failed_states_record();
    EXPECT_EQ(failure_text(record, Style{}).find("did not end"), std::string::npos);
    EXPECT_NE(failure_text(broken_record(), Style{}).find("server: bind(l, :7000): did not end"), std::string::npos);
}

TEST(Failure, PassAndSkipHaveNone) {
    EXPECT_EQ(failure_text(passed_record(), Style{}), "");
    EXPECT_EQ(failure_text(skipped_record("a", "b"), Style{}), "");
}

TEST(Failure, ACommandToRepeatItIsNeverCut) {
    Record record = failed_states_record();
    record.repeat_command = "tcpwitness run " + std::string(300, 'x') + " --seed 7";
    EXPECT_NE(failure_text(record, Style{.width = 60}).find(record.repeat_command), std::string::npos);
}

// A terminal of rows, as far as reporters use one: text, "\r", cursor up, erase a line and below.
class Terminal {
  public:
    void write(std::string_view text) {
        for (size_t i = 0; i < text.size(); ++i) {
            if (text.substr(i).starts_with("\x1b[")) {
                i = obey(text, i + 2);
            } else if (text[i] == '\n') {
                ++row_;
            } else if (text[i] != '\r') {
                rows_.resize(std::max(rows_.size(), row_ + 1));
                rows_[row_] += text[i];
            }
        }
    }
    const std::vector<std::string>& rows() const { return rows_; }

  private:
    size_t obey(std::string_view text, size_t i) {
        size_t number = 0;
        for (; text[i] >= '0' && text[i] <= '9'; ++i) number = number * 10 + static_cast<size_t>(text[i] - '0');
        if (text[i] == 'A') row_ -= number;
        if (text[i] == 'J') rows_.resize(row_);
        if (text[i] == 'K' && row_ < rows_.size()) rows_[row_].clear();
        return i;
    }
    std::vector<std::string> rows_;
    size_t row_ = 0;
};

TEST(Progress, RedrawsInPlaceAndLeavesOnlyWhatEnded) {
    Terminal terminal;
    ConsoleProgress progress(
        Style{.width = 70}, [&terminal](std::string_view text) { terminal.write(text); }, 2);
    const std::vector<Record> records = {passed_record(), skipped_record("a/b", "no netem"), failed_states_record()};
    progress.run_began({3, "kernel 6.18.44"});
    for (const Record& record : records) progress.case_began(record.plan, std::chrono::seconds(1));
    for (int i = 1; i < 20; ++i) progress.redraw(std::chrono::seconds(i));
    EXPECT_EQ(terminal.rows().size(), 5U) << "one line of heading, two running, one for more, one bar";
    EXPECT_NE(terminal.rows()[1].find("18.0s teardown/four-way close [ipv4]"), std::string::npos);
    EXPECT_NE(terminal.rows()[3].find("and 1 more"), std::string::npos);
    EXPECT_NE(terminal.rows()[4].find("0/3  3 running  0:19"), std::string::npos);
    progress.case_ended(records[0]);
    progress.case_ended(records[1]);
    EXPECT_EQ(terminal.rows()[1], "pass  60.7s teardown/four-way close [ipv4]");
    EXPECT_NE(terminal.rows()[4].find("2/3  1 running, 1 skipped"), std::string::npos);
    progress.case_ended(records[2]);
    progress.run_ended(summary_of(records));
    EXPECT_EQ(strip_colour(terminal.rows().back()), "1 passed, 1 failed, 1 skipped in 61.3s");
    for (const std::string& row : terminal.rows()) EXPECT_EQ(row.find("running"), std::string::npos) << row;
}

TEST(Progress, OneLineIsGoneAtTheEnd) {
    Terminal terminal;
    ProgressLine progress("defaults, seed 1 of 4", Style{.width = 80},
                          [&terminal](std::string_view text) { terminal.write(text); });
    const std::vector<Record> records = {passed_record(), skipped_record("a/b", "no netem"), failed_states_record()};
    progress.run_began({3, "kernel 6.18.44"});
    for (const Record& record : records) progress.case_began(record.plan, std::chrono::seconds(1));
    progress.case_ended(records[0]);
    progress.case_ended(records[1]);
    progress.redraw(std::chrono::seconds(100));
    ASSERT_EQ(terminal.rows().size(), 1U);
    EXPECT_THAT(terminal.rows()[0], StartsWith("defaults, seed 1 of 4"));
    EXPECT_THAT(terminal.rows()[0], EndsWith("2/3  1 running, 1 skipped  1:40"));
    progress.case_ended(records[2]);
    progress.run_ended(summary_of(records));
    EXPECT_THAT(terminal.rows(), ElementsAre(""));
}

TEST(Progress, NoDrawnLineIsWiderThanTheWindow) {
    std::string output;
    ConsoleProgress progress(Style{.width = 60}, [&output](std::string_view text) { output += text; });
    progress.run_began({100000, "kernel 6.18.44"});
    Record record = passed_record();
    record.plan.title = std::string(200, 'w');
    progress.case_began(record.plan, Instant{});
    progress.redraw(std::chrono::hours(30));
    progress.set_width(40);
    progress.redraw(std::chrono::hours(31));
    output.erase(0, output.rfind("\x1b[J") + 3);
    for (const std::string& line : split_lines(output)) EXPECT_LE(display_width(line), 40) << line;
}

}  // namespace
}  // namespace tcpwitness
