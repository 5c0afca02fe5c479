#include <fmt/core.h>

#include "report/console.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

Tone tone_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return Tone::good;
        case Outcome::fail:
        case Outcome::error:
            return Tone::bad;
        case Outcome::skip:
            return Tone::warning;
    }
    return Tone::plain;
}

std::string plain_line(std::string_view text, Tone tone, const Style& style) {
    Line line(style);
    line.put(0, fit(text, style.width, style.utf8), tone);
    return line.text();
}

}  // namespace

std::string case_line(const Record& record, const Style& style) {
    const Outcome outcome = record.verdict.outcome;
    Line line(style);
    line.put(0, to_string(outcome), tone_of(outcome));
    const std::string time = outcome == Outcome::skip ? "-" : seconds_text(record.wall);
    line.put(5, fit_right(time, 6), Tone::dim);
    int column = line.put(12, fit(display_name(record.plan), style.width - 12, style.utf8));
    const std::string& why = outcome == Outcome::skip ? record.verdict.reason : record.why_there;
    if (!why.empty() && column + 2 < style.width) {
        line.put(column, fit(": " + why, style.width - column, style.utf8), Tone::dim);
    }
    return line.text();
}

std::string closing_text(const Summary& summary, const Style& style) {
    std::string text;
    for (const std::string& line : wrap(skip_line(summary), style.width, style.utf8))
        text += plain_line(line, Tone::warning, style);
    if (summary.made_again > 0) text += plain_line(again_line(summary), Tone::warning, style);
    for (const std::string& name : summary.failed_cases) text += plain_line("did not pass: " + name, Tone::bad, style);
    if (summary.not_run > 0) {
        text += plain_line(fmt::format("{}: {} {} not run",
                                       summary.interrupted.empty() ? "stopped" : "stopped by " + summary.interrupted,
                                       summary.not_run, summary.not_run == 1 ? "case was" : "cases were"),
                           Tone::warning, style);
    }
    const bool bad = summary.failed + summary.errors > 0;
    return text + plain_line(total_line(summary), bad ? Tone::bad : Tone::good, style);
}

ConsoleLines::ConsoleLines(const Style& style, Sink sink) : style_(style), sink_(std::move(sink)) {}

void ConsoleLines::run_began(const RunBegan& began) {
    const std::string cases = fmt::format("{} {}", began.total, began.total == 1 ? "case" : "cases");
    sink_(plain_line(began.machine.empty() ? cases : cases + " on " + began.machine, Tone::plain, style_));
}

void ConsoleLines::case_ended(const Record& record) {
    sink_(case_line(record, style_));
    matrix_.add(record);
    const std::string failure = failure_text(record, style_);
    if (!failure.empty()) failures_ += "\n" + failure;
}

void ConsoleLines::run_ended(const Summary& summary) {
    sink_(failures_ + "\n" + matrix_text(matrix_, style_) + closing_text(summary, style_));
}

}  // namespace tcpwitness
