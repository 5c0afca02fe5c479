// Text that is safe to print and knows how wide it is: what comes from programs, case files and the kernel passes
// through here before a person sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

// One character with what combines with it, and the columns it takes on a terminal: 1 or 2.
struct Glyph {
    std::string bytes;
    int width = 1;
};

// The glyphs of one line, harmless: control characters, terminal escapes, invalid UTF-8 and the characters that turn
// the writing direction become visible ("\x1b"); a tab becomes two spaces. Without `utf8`, every character that is not
// ASCII becomes "?".
std::vector<Glyph> glyphs_of(std::string_view text, bool utf8 = true);

// The same, as a string.
std::string safe_text(std::string_view text, bool utf8 = true);

// Columns that `text` takes once it is safe.
int display_width(std::string_view text);

// Safe text of at most `width` columns; what was cut shows as an ellipsis.
std::string fit(std::string_view text, int width, bool utf8 = true);

// Safe text of exactly `width` columns, cut or filled with spaces on the right or the left.
std::string fit_left(std::string_view text, int width, bool utf8 = true);
std::string fit_right(std::string_view text, int width, bool utf8 = true);

// Lines without their line ends ("\n" or "\r\n"); an empty text has none.
std::vector<std::string> split_lines(std::string_view text);

// `text` broken at spaces into safe lines of at most `width` columns; a word that is longer is cut in pieces.
std::vector<std::string> wrap(std::string_view text, int width, bool utf8 = true);

// Without the colour sequences that Line and paint() make.
std::string strip_colour(std::string_view text);

}  // namespace tcpwitness
