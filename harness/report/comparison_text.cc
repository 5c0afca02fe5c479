#include "report/comparison_text.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {
namespace {

constexpr int kTitleIndent = 4;
constexpr int kText = kTitleIndent + 10;  // behind "expected  "
constexpr size_t kLinesAround = 3;   // of a text of many lines, before and after the difference

// One of the two texts, with the place of its difference.
struct Marked {
    std::vector<std::string> lines;
    size_t line = 0;  // that has the difference
    int column = -1;  // of the difference in that line; negative: none
};

Marked marked(const std::string& text, size_t mark, const Style& style) {
    Marked result;
    result.lines = split_lines(text);
    if (result.lines.empty()) result.lines.emplace_back();
    if (mark == std::string::npos || mark > text.size()) return result;
    const std::string before = text.substr(0, mark);
    const size_t line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
    result.line = std::min(line, result.lines.size() - 1);
    result.column = display_width(safe_text(before.substr(before.rfind('\n') + 1), style.utf8));
    return result;
}

// Safe text without its first `columns` columns, an ellipsis in place of what is gone.
std::string from_column(const std::string& text, int columns, const Style& style) {
    if (columns <= 0) return safe_text(text, style.utf8);
    std::string rest = style.utf8 ? "…" : "<";
    int column = 0;
    for (const Glyph& glyph : glyphs_of(text, style.utf8)) {
        if (column > columns) rest += glyph.bytes;
        column += glyph.width;
    }
    return rest;
}

// The line with the difference: plain up to it, in the tone from there on.
void put_different(Line& line, const std::string& text, int column, Tone tone, const Style& style) {
    int at = 0;
    for (const Glyph& glyph : glyphs_of(fit(text, style.width - kText, style.utf8), style.utf8)) {
        line.put(kText + at, glyph.bytes, at < column ? Tone::plain : tone);
        at += glyph.width;
    }
}

std::string block(std::string_view title, const Marked& text, int skipped, Tone tone, bool caret, const Style& style) {
    const bool differs = text.column >= 0;
    const size_t first = differs ? text.line - std::min(text.line, kLinesAround) : 0;
    const size_t end = std::min(text.lines.size(), text.line + kLinesAround + 1);
    std::string result;
    for (size_t i = first; i < end; ++i) {
        Line line(style);
        if (i == first) line.put(kTitleIndent, title, Tone::bold);
        const bool here = differs && i == text.line;
        const std::string shown = here ? from_column(text.lines[i], skipped, style) : text.lines[i];
        put_different(line, shown, here ? text.column - skipped : differs ? style.width : 0, tone, style);
        result += line.text();
        if (!here || !caret) continue;
        Line below(style);
        below.put(kText + text.column - skipped, "^", Tone::mark);
        result += below.text();
    }
    if (end < text.lines.size()) {
        Line more(style);
        more.put(kText, fmt::format("({} more lines)", text.lines.size() - end), Tone::dim);
        result += more.text();
    }
    return result;
}

// Columns to leave out so that the difference can be seen with something before it.
int columns_to_skip(int column, int room) {
    return column < room - 16 ? 0 : column - room / 2;
}

}  // namespace

std::string comparison_text(const Finding& finding, const Style& style) {
    if (finding.expected.empty() && finding.observed.empty()) return {};
    const Marked expected = marked(finding.expected, finding.expected_mark, style);
    const Marked observed = marked(finding.observed, finding.observed_mark, style);
    // Both are moved by the same number of columns, so that what is equal stays one above the other, unless the
    // differences are too far apart for that.
    const int room = style.width - kText;
    const int together = columns_to_skip(std::max(expected.column, observed.column), room);
    const bool near = std::min(expected.column, observed.column) > together || together == 0;
    const auto skipped = [&](int column) { return near ? together : columns_to_skip(column, room); };
    const bool one_above_the_other =
        expected.column == observed.column && expected.lines.size() == 1 && observed.lines.size() == 1;
    return block("expected", expected, skipped(expected.column), Tone::good, !one_above_the_other, style) +
           block("observed", observed, skipped(observed.column), Tone::bad, true, style);
}

}  // namespace tcpwitness
