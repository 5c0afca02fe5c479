#include "report/failure_text.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <vector>

#include "report/comparison_text.hh"
#include "report/failure_steps.hh"
#include "report/ladder.hh"
#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

constexpr size_t kStepsShown = 6;
constexpr size_t kFindingsShown = 5;
constexpr size_t kOutputLines = 12;
constexpr int kStepIndent = 4;

// Words broken into lines of the style's width.
std::string paragraph(std::string_view text, Tone tone, const Style& style, int indent = 2) {
    std::string result;
    for (const std::string& each : split_lines(text)) {
        for (const std::string& words : wrap(each, style.width - indent, style.utf8)) {
            Line line(style);
            line.put(indent, words, tone);
            result += line.text();
        }
    }
    return result;
}

std::string heading(std::string_view text, const Style& style) {
    return "\n" + paragraph(text, Tone::bold, style);
}

std::string indented(const std::string& lines, int indent) {
    std::string result;
    for (const std::string& line : split_lines(lines))
        result += std::string(static_cast<size_t>(indent), ' ') + line + "\n";
    return result;
}

// The line of the case, as compilers show it.
std::string source_line(const Plan& plan, const SourceLine& source, const Style& style) {
    const auto number = static_cast<size_t>(std::max(source.position.line, 0));
    const bool in_file = number >= 1 && number <= plan.case_text.size() && source.position.file == plan.source.file;
    const std::string& text = in_file ? plan.case_text[number - 1] : source.text;
    if (text.empty()) return {};
    Line line(style);
    const std::string gutter = fmt::format("{:>5} {} ", source.position.line, style.utf8 ? "│" : "|");
    const int column = line.put(0, gutter, Tone::dim);
    line.put(column, fit(text, style.width - column, style.utf8));
    return line.text();
}

std::string finding_text(const Plan& plan, const Finding& finding, const Style& style) {
    const std::string message = finding.message.empty() ? "not as expected" : finding.message;
    std::string position = finding.source.position.file;
    if (finding.source.position.line > 0) position += fmt::format(":{}", finding.source.position.line);
    return paragraph(position + ": " + message, Tone::bold, style) + source_line(plan, finding.source, style) +
           comparison_text(finding, style);
}

std::string step_line(const StepTaken& step, const Style& style) {
    Line line(style);
    const bool wrong = step.ended && step.outcome != StepOutcome::done;
    const std::string_view sign = wrong ? (style.utf8 ? "✗" : "x") : (step.ended ? " " : style.utf8 ? "…" : "~");
    line.put(2, sign, Tone::bad);
    line.put(kStepIndent, fmt::format("{:>9.6f}", std::chrono::duration<double>(step.at).count()), Tone::dim);
    std::string text = step.text;
    const bool says_itself = step.is_call && step.outcome == StepOutcome::refused;  // its result stands behind it
    if (wrong && !says_itself) text += fmt::format(": {}", outcome_words(step.outcome));
    if (!step.ended) text += ": did not end";
    if (wrong && !says_itself && !step.observed.empty()) text += ": " + step.observed;
    line.put(kStepIndent + 11, fit(text, style.width - kStepIndent - 11, style.utf8), wrong ? Tone::bad : Tone::plain);
    return line.text();
}

std::string steps_text(const Record& record, size_t place, const Style& style) {
    const std::vector<StepTaken> steps = steps_taken(record.plan, record.timeline, place + 1);
    if (steps.empty()) return {};
    const size_t first = steps.size() - std::min(steps.size(), kStepsShown);
    std::string text =
        heading(first == 0 ? "the steps up to there"
                           : fmt::format("the last {} of {} steps up to there", kStepsShown, steps.size()),
                style);
    for (size_t i = first; i < steps.size(); ++i) text += step_line(steps[i], style);
    return text;
}

// The rows around what proves it; when nothing in particular does, those before `place`, without marks.
std::string ladder_text(const Record& record, const std::vector<size_t>& evidence, size_t place, const Style& style) {
    Style inner = style;
    inner.width -= 2;
    LadderWindow window;
    window.around = evidence.empty() ? std::vector<size_t>{place} : evidence;
    window.mark = !evidence.empty();
    const std::string lines = ladder(record.plan, record.timeline, inner, window);
    return lines.empty() ? "" : heading("on the wire and in the kernel", style) + indented(lines, 2);
}

std::string tail(const std::string& title, const std::string& text, const Style& style) {
    const std::vector<std::string> lines = split_lines(text);
    if (lines.empty()) return {};
    const size_t first = lines.size() - std::min(lines.size(), kOutputLines);
    std::string result = heading(
        first == 0 ? title : fmt::format("{} (the last {} of {} lines)", title, kOutputLines, lines.size()), style);
    for (size_t i = first; i < lines.size(); ++i) {
        Line line(style);
        line.put(kStepIndent, fit(lines[i], style.width - kStepIndent, style.utf8));
        result += line.text();
    }
    return result;
}

std::string outputs_text(const Record& record, const Style& style) {
    std::map<std::string, std::string> outputs;
    for (const Event& event : record.timeline.events) {
        if (const auto* output = std::get_if<ProgramOutput>(&event.body)) outputs[output->program] += output->text;
    }
    std::string text;
    for (const auto& [program, output] : outputs) text += tail("output of " + program, output, style);
    return text + tail("output of the run itself", record.console, style);
}

std::string foot(const Record& record, const Style& style) {
    std::string text = "\n" + paragraph(observed_text(record), Tone::dim, style);
    // Whole on one line, however long: it is there to be copied.
    if (!record.repeat_command.empty())
        text += "  " + paint("repeat: " + record.repeat_command, Tone::plain, style) + "\n";
    return text;
}

// What this run could not tell, a sentence each.
std::string undecided_findings(const Record& record, const Style& style) {
    std::string text;
    for (const Finding& finding : record.verdict.findings) {
        if (!finding.undecided) continue;
        if (text.empty()) text = heading("what could not be told", style);
        text += paragraph(fmt::format("line {}: {}", finding.source.position.line, finding.message), Tone::plain, style,
                          kStepIndent);
    }
    return text;
}

std::string failed_findings(const Record& record, const Style& style) {
    std::vector<const Finding*> failed;
    for (const Finding& finding : record.verdict.findings) {
        if (!finding.holds && !finding.undecided) failed.push_back(&finding);
    }
    if (failed.empty()) return paragraph(record.verdict.reason, Tone::bold, style) + undecided_findings(record, style);
    const Finding& first = *failed.front();
    const size_t place = place_of(record.plan, record.timeline, first);
    std::string text = finding_text(record.plan, first, style) + steps_text(record, place, style) +
                       ladder_text(record, first.evidence, place, style);
    for (size_t i = 1; i < std::min(failed.size(), kFindingsShown); ++i)
        text += "\n" + finding_text(record.plan, *failed[i], style);
    if (failed.size() > kFindingsShown)
        text += "\n" + paragraph(fmt::format("and {} more", failed.size() - kFindingsShown), Tone::plain, style);
    return text + undecided_findings(record, style);
}

std::string error_body(const Record& record, const Style& style) {
    std::string text = paragraph(record.verdict.reason.empty() ? "error" : record.verdict.reason, Tone::bold, style);
    const std::string& error = record.timeline.error;
    if (!error.empty() && record.verdict.reason.find(error) == std::string::npos)
        text += paragraph(error, Tone::plain, style);
    const size_t end = story_length(record.timeline);
    if (end == 0) return text;
    return text + steps_text(record, end, style) + ladder_text(record, {}, end - 1, style);
}

}  // namespace

std::string seconds_text(Duration duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    return fmt::format("{:.{}f}s", seconds, seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0);
}

std::string observed_text(const Record& record) {
    const std::string& kernel = record.timeline.observed.kernel;
    std::string text = record.where;
    if (!kernel.empty() && text.find(kernel) == std::string::npos)
        text = "kernel " + kernel + (text.empty() ? "" : ", " + text);
    if (text.empty()) text = "kernel unknown";
    const std::vector<std::string>& observers = record.timeline.observed.observers;
    for (size_t i = 0; i < observers.size(); ++i) text += (i == 0 ? ", observers " : ", ") + observers[i];
    return text;
}

std::string failure_text(const Record& record, const Style& wanted_style) {
    Style style = wanted_style;
    style.width = std::max(style.width, kNarrowestFailure);
    const Outcome outcome = record.verdict.outcome;
    if (outcome == Outcome::pass || outcome == Outcome::skip) return {};
    const std::string title = fmt::format("{}  {}", to_string(outcome), display_name(record.plan));
    std::string text = paragraph(title, Tone::bad, style, 0) + "\n";
    text += outcome == Outcome::fail ? failed_findings(record, style) : error_body(record, style);
    return text + outputs_text(record, style) + foot(record, style);
}

}  // namespace tcpwitness
