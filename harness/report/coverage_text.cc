#include "report/coverage_text.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "report/paragraphs.hh"

namespace tcpwitness {
namespace {

constexpr int kNames = 22;  // column behind the longest event

std::string first_of(const std::vector<Witness>& witnesses) {
    if (witnesses.size() == 1) return witnesses.front().run;
    return fmt::format("{} and {} more", witnesses.front().run, witnesses.size() - 1);
}

size_t count_wanted(const std::vector<CoverageItem>& items, bool shown) {
    return static_cast<size_t>(std::count_if(items.begin(), items.end(), [shown](const CoverageItem& item) {
        return item.wanted && (item.shown() || (!shown && item.impossible.empty()));
    }));
}

std::string heading(const std::string& name, const std::vector<CoverageItem>& items) {
    return fmt::format("{}: {} of {} shown", name, count_wanted(items, true), count_wanted(items, false));
}

void put_missing(Paragraphs& lines, const CoverageItem& item) {
    std::string words = item.text;
    if (!item.announced.empty()) {
        words += fmt::format("; {} named it without showing it: {}", counted(item.announced.size(), "run"),
                             item.announced.front());
    }
    lines.put(kIndent, "missing", kNames / 2, item.id + (words.empty() ? "" : "  " + words), Tone::bad);
}

void put_items(Paragraphs& lines, const std::string& name, const std::vector<CoverageItem>& items) {
    lines.put(0, heading(name, items), Tone::bold);
    for (const CoverageItem& item : items) {
        if (!item.shown()) put_missing(lines, item);
    }
    for (const CoverageItem& item : items) {
        if (item.shown() && !item.refusal.empty())
            lines.put(kIndent, "refused", kNames / 2,
                      fmt::format("{}: {} ({})", item.id, item.refusal, first_of(item.witnesses)));
    }
}

// Those that no case can show, by reason.
void put_impossible(Paragraphs& lines, const std::vector<CoverageItem>& items) {
    std::map<std::string, std::vector<std::string>> names;
    for (const CoverageItem& item : items) {
        if (!item.impossible.empty() && !item.shown()) names[item.impossible].push_back(item.id);
    }
    for (const auto& [why, all] : names)
        lines.put(kIndent, "no case", kNames / 2, fmt::format("{}: {}", why, fmt::join(all, ", ")), Tone::dim);
}

// Settings and options: names alone, of those missing and of those shown with their values.
void put_knobs(Paragraphs& lines, const std::string& name, const std::vector<CoverageItem>& items) {
    lines.put(0, heading(name, items), Tone::bold);
    std::vector<std::string> shown;
    std::vector<std::string> missing;
    for (const CoverageItem& item : items) {
        if (item.missing()) missing.push_back(item.id);
        if (!item.shown()) continue;
        shown.push_back(item.values.empty() ? item.id : fmt::format("{} ({})", item.id, fmt::join(item.values, "; ")));
    }
    if (!shown.empty()) lines.put(kIndent, "shown", kNames / 2, fmt::format("{}", fmt::join(shown, ", ")));
    if (!missing.empty())
        lines.put(kIndent, "missing", kNames / 2, fmt::format("{}", fmt::join(missing, ", ")), Tone::bad);
    put_impossible(lines, items);
}

std::string answer_words(const CellAnswer& answer) {
    const std::string words = answer.answer.empty() ? answer.after : answer.answer + ", " + answer.after;
    return fmt::format("{}  ({})", words, first_of(answer.witnesses));
}

void put_cell(Paragraphs& lines, const CoverageCell& cell) {
    const std::string name(to_string(cell.event));
    if (!cell.impossible.empty()) return lines.put(kIndent, name, kNames, "cannot be: " + cell.impossible, Tone::dim);
    if (!cell.shown()) return lines.put(kIndent, name, kNames, "missing", Tone::bad);
    for (const CellAnswer& answer : cell.answers)
        lines.put(kIndent, &answer == &cell.answers.front() ? name : "", kNames, answer_words(answer));
}

void put_table(Paragraphs& lines, const std::vector<CoverageCell>& cells) {
    const auto possible =
        std::count_if(cells.begin(), cells.end(), [](const auto& cell) { return cell.impossible.empty(); });
    const auto shown = std::count_if(cells.begin(), cells.end(), [](const auto& cell) { return cell.shown(); });
    lines.put(0,
              fmt::format("states x events: {} of {} cells shown, {} cannot be", shown, possible,
                          static_cast<std::ptrdiff_t>(cells.size()) - possible),
              Tone::bold);
    for (const CoverageCell& cell : cells) {
        if (cell.event == TableEvent::close) lines.put(0, std::string(to_string(cell.state)), Tone::state);
        put_cell(lines, cell);
    }
}

void put_differences(Paragraphs& lines, const Coverage& coverage) {
    if (coverage.kernels.size() < 2) return;
    lines.empty();
    lines.put(0,
              fmt::format("kernels {}: {}", fmt::join(coverage.kernels, ", "),
                          counted(coverage.differences.size(), "difference")),
              Tone::bold);
    for (const KernelDifference& difference : coverage.differences) {
        lines.put(kIndent, difference.what);
        for (const auto& [kernel, what] : difference.kernels) lines.put(2 * kIndent, kernel, kNames / 2, what);
    }
}

}  // namespace

std::string coverage_text(const Coverage& coverage, const Style& style) {
    Paragraphs lines(style);
    lines.put(
        0, fmt::format("{}, {} passed, on {}", counted(coverage.runs, "run"), coverage.passed,
                       coverage.kernels.empty() ? "no kernel" : fmt::format("{}", fmt::join(coverage.kernels, ", "))));
    lines.empty();
    put_items(lines, "claims", coverage.claims);
    lines.empty();
    put_items(lines, "arcs", coverage.arcs);
    lines.empty();
    put_table(lines, coverage.cells);
    lines.empty();
    put_knobs(lines, "sysctls", coverage.sysctls);
    lines.empty();
    put_knobs(lines, "socket options", coverage.options);
    put_differences(lines, coverage);
    return lines.text();
}

}  // namespace tcpwitness
