#include "report/comparison_text.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {
namespace {

constexpr int kIndent = 4;
constexpr int kText = kIndent + 10;      // behind "expected  "
constexpr size_t kLinesAround = 3;       // of a text of many lines, before and after the difference

// One of the two texts, with the place of its difference.
struct Marked {
    std::vector<std::string> lines;
    size_t line = 0;       // that has the difference
    int column = -1;       // of the difference in that line; negative: none
};

Marked marked(const std::string& text, size_t mark, const Style& style) {
    Marked result;
    result.lines = split_lines(text);
    if (result.lines.empty()) result.lines.emplace_back();
    const bool known = mark != std::string::npos && mark <= text.size();
    if (known) {
        result.line = static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(mark), '\n'));
        const size_t begin = mark == 0 ? std::string::npos : text.rfind('\n', mark - 1);
        const std::string before = text.substr(begin == std::string::npos ? 0 : begin + 1, mark - (begin == std::string::npos ? 0 : begin + 1));
        result.column = display_width(safe_text(before, style.utf8));
        result.line = std::min(result.line, result.lines.size() - 1);
    }
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

std::string block(std::string_view title, const Marked& text, int skipped, bool wrong, const Style& style) {
    const size_t first = text.column < 0 ? 0 : text.line - std::min(text.line, kLinesAround);
    const size_t end = std::min(text.lines.size(), (text.column < 0 ? 0 : text.line) + kLinesAround + 1);
    std::string result;
    for (size_t i = first; i < end; ++i) {
        Line line(style);
        if (i == first) line.put(kIndent, title, Tone::bold);
        const bool differs = text.column >= 0 && i == text.line;
        const std::string shown = differs ? from_column(text.lines[i], skipped, style) : text.lines[i];
        line.put(kText, fit(shown, style.width - kText, style.utf8), differs || text.lines.size() == 1 ? (wrong ? Tone::bad : Tone::good) : Tone::plain);
        result += line.text();
        if (!differs) continue;
        Line caret(style);
        caret.put(kText + text.column - skipped, "^", Tone::mark);
        result += caret.text();
    }
    if (end < text.lines.size()) {
        Line more(style);
        more.put(kText, fmt::format("({} more lines)", text.lines.size() - end), Tone::dim);
        result += more.text();
    }
    return result;
}

}  // namespace

std::string comparison_text(const Finding& finding, const Style& style) {
    if (finding.expected.empty() && finding.observed.empty()) return {};
    const Marked expected = marked(finding.expected, finding.expected_mark, style);
    const Marked observed = marked(finding.observed, finding.observed_mark, style);
    // Both are moved by the same number of columns, so that what is equal stays one above the other.
    const int room = style.width - kText;
    const int farthest = std::max(expected.column, observed.column);
    const int skipped = farthest < room - 16 ? 0 : farthest - room / 2;
    const bool can_skip = std::min(expected.column, observed.column) > skipped;
    return block("expected", expected, can_skip ? skipped : 0, false, style) +
           block("observed", observed, can_skip ? skipped : 0, true, style);
}

}  // namespace tcpwitness
