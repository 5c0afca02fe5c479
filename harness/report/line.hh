// How reports look: width, colour and character set, and a line of fixed width that text is put on at columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/text.hh"

namespace tcpwitness {

// What the output can show. The caller decides it (a terminal or not, NO_COLOR, the locale, the size of the window).
struct Style {
    int width = 80;       // columns
    bool colour = false;  // ANSI colours
    bool utf8 = true;     // false: nothing but ASCII
};

constexpr int kIndent = 2;  // columns, of what belongs to the line above

enum class Tone : uint8_t { plain, dim, bold, good, bad, warning, state, syn, fin, data, mark };

// Safe text in a tone; without colour, the safe text alone.
std::string paint(std::string_view text, Tone tone, const Style& style);

// A line that never grows beyond style.width columns: what is put beyond is cut.
class Line {
  public:
    explicit Line(const Style& style);

    // Puts safe text from `column` (0 is the first) on over what is there. Returns the column behind it.
    int put(int column, std::string_view text, Tone tone = Tone::plain);
    // Repeats `symbol`, which is one column wide, from `from` up to and without `to`.
    void fill(int from, int to, std::string_view symbol, Tone tone = Tone::plain);
    // The line without spaces at its end, ending in "\n".
    std::string text() const;

  private:
    struct Cell {
        std::string bytes = " ";  // empty: the right half of the glyph before
        Tone tone = Tone::plain;
    };
    void clear_cell(size_t column);

    Style style_;
    std::vector<Cell> cells_;
};

}  // namespace tcpwitness
