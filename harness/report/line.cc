#include "report/line.hh"

#include <algorithm>
#include <array>

namespace tcpwitness {
namespace {

// SGR parameters in the order of Tone; the eight basic colours only, which every theme keeps readable.
constexpr std::array<std::string_view, 11> kSgr{"", "2", "1", "32", "1;31", "33", "36", "32", "35", "34", "1;33"};

std::string_view sgr(Tone tone) {
    return kSgr.at(static_cast<size_t>(tone));
}

}  // namespace

std::string paint(std::string_view text, Tone tone, const Style& style) {
    const std::string safe = safe_text(text, style.utf8);
    if (!style.colour || tone == Tone::plain || safe.empty()) return safe;
    return "\x1b[" + std::string(sgr(tone)) + "m" + safe + "\x1b[0m";
}

Line::Line(const Style& style) : style_(style), cells_(static_cast<size_t>(std::max(style.width, 1))) {}

// A glyph of two columns that loses one half leaves a space in the other.
void Line::clear_cell(size_t column) {
    if (cells_[column].bytes.empty() && column > 0) cells_[column - 1].bytes = " ";
    if (column + 1 < cells_.size() && cells_[column + 1].bytes.empty()) cells_[column + 1].bytes = " ";
}

int Line::put(int column, std::string_view text, Tone tone) {
    for (const Glyph& glyph : glyphs_of(text, style_.utf8)) {
        const int end = column + glyph.width;
        if (column >= 0 && static_cast<size_t>(end) <= cells_.size()) {
            for (int i = column; i < end; ++i) {
                clear_cell(static_cast<size_t>(i));
                cells_[static_cast<size_t>(i)] = {i == column ? glyph.bytes : "", tone};
            }
        }
        column = end;
    }
    return column;
}

void Line::fill(int from, int to, std::string_view symbol, Tone tone) {
    const std::string bytes = safe_text(symbol, style_.utf8);
    for (int column = std::max(from, 0); column < std::min(to, static_cast<int>(cells_.size())); ++column) {
        clear_cell(static_cast<size_t>(column));
        cells_[static_cast<size_t>(column)] = {bytes, tone};
    }
}

std::string Line::text() const {
    const auto blank = [](const Cell& cell) { return cell.bytes == " "; };
    const auto end = std::find_if_not(cells_.rbegin(), cells_.rend(), blank).base();
    std::string text;
    Tone current = Tone::plain;
    for (auto cell = cells_.begin(); cell != end; ++cell) {
        const Tone tone = blank(*cell) ? current : cell->tone;
        if (style_.colour && tone != current) {
            if (current != Tone::plain) text += "\x1b[0m";
            if (tone != Tone::plain) text += "\x1b[" + std::string(sgr(tone)) + "m";
            current = tone;
        }
        text += cell->bytes;
    }
    if (style_.colour && current != Tone::plain) text += "\x1b[0m";
    return text + "\n";
}

}  // namespace tcpwitness
