#include "report/text.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace tcpwitness {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Characters that combine with the one before or take no room (Unicode 15 general categories Mn and Cf, the common
// ones).
constexpr std::array<Range, 14> kNoWidth{{{0x0300, 0x036f},
                                          {0x0483, 0x0489},
                                          {0x0591, 0x05bd},
                                          {0x0610, 0x061a},
                                          {0x064b, 0x065f},
                                          {0x06d6, 0x06dc},
                                          {0x093a, 0x093c},
                                          {0x0e31, 0x0e3a},
                                          {0x1ab0, 0x1aff},
                                          {0x1dc0, 0x1dff},
                                          {0x200b, 0x200d},
                                          {0x20d0, 0x20ff},
                                          {0xfe00, 0xfe0f},
                                          {0xfe20, 0xfe2f}}};

// East Asian wide and full-width characters and the emoji (UAX 11).
constexpr std::array<Range, 14> kTwoColumns{{{0x1100, 0x115f},
                                             {0x231a, 0x231b},
                                             {0x2329, 0x232a},
                                             {0x23e9, 0x23f3},
                                             {0x26a1, 0x26a1},
                                             {0x2e80, 0x303e},
                                             {0x3041, 0x4dbf},
                                             {0x4e00, 0xa4cf},
                                             {0xac00, 0xd7a3},
                                             {0xf900, 0xfaff},
                                             {0xfe30, 0xfe6f},
                                             {0xff00, 0xff60},
                                             {0xffe0, 0xffe6},
                                             {0x1f300, 0x3fffd}}};

// What a terminal obeys, what turns text around, and what XML forbids: C0, C1, line separators, bidirectional controls,
// characters that are none.
constexpr std::array<Range, 9> kUnsafe{{{0x00, 0x1f},
                                        {0x7f, 0x9f},
                                        {0x061c, 0x061c},
                                        {0x200e, 0x200f},
                                        {0x2028, 0x202e},
                                        {0x2066, 0x206f},
                                        {0xfeff, 0xfeff},
                                        {0xfff9, 0xfffb},
                                        {0xfffe, 0xffff}}};

// The ranges are in order.
template <size_t size>
bool within(const std::array<Range, size>& ranges, char32_t character) {
    for (const auto& [first, last] : ranges) {
        if (character <= last) return character >= first;
    }
    return false;
}

struct Decoded {
    std::optional<char32_t> character;  // absent: the byte is not UTF-8
    size_t length = 1;
};

// Reads one character (RFC 3629): no overlong forms, no surrogates.
Decoded decode(std::string_view text) {
    const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
    if (byte(0) < 0x80) return {byte(0), 1};
    const size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
    if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return {};
    char32_t character = byte(0) & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        character = (character << 6) | (byte(i) & 0x3f);
    }
    constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < kLeast.at(length) || character > 0x10ffff || surrogate) return {};
    return {character, length};
}

void append_visible(std::vector<Glyph>& glyphs, std::string_view ascii) {
    for (const char character : ascii) glyphs.push_back({std::string(1, character), 1});
}

void append_character(std::vector<Glyph>& glyphs, char32_t character, std::string_view bytes, bool utf8) {
    if (character >= ' ' && character <= '~') return glyphs.push_back({std::string(bytes), 1});
    if (character == '\t') return append_visible(glyphs, "  ");
    if (within(kUnsafe, character)) {
        const auto number = static_cast<uint32_t>(character);
        return append_visible(glyphs,
                              number < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number));
    }
    const bool combines = within(kNoWidth, character);
    if (!utf8) {
        if (!combines) glyphs.push_back({"?", 1});
    } else if (!combines) {
        glyphs.push_back({std::string(bytes), within(kTwoColumns, character) ? 2 : 1});
    } else if (!glyphs.empty()) {
        glyphs.back().bytes += bytes;
    }
}

std::string join(const std::vector<Glyph>& glyphs) {
    std::string text;
    for (const Glyph& glyph : glyphs) text += glyph.bytes;
    return text;
}

int width_of(const std::vector<Glyph>& glyphs) {
    int width = 0;
    for (const Glyph& glyph : glyphs) width += glyph.width;
    return width;
}

}  // namespace

std::vector<Glyph> glyphs_of(std::string_view text, bool utf8) {
    std::vector<Glyph> glyphs;
    glyphs.reserve(text.size());
    while (!text.empty()) {
        const Decoded decoded = decode(text);
        if (decoded.character) {
            append_character(glyphs, *decoded.character, text.substr(0, decoded.length), utf8);
        } else {
            append_visible(glyphs, fmt::format("\\x{:02x}", static_cast<uint8_t>(text[0])));
        }
        text.remove_prefix(decoded.length);
    }
    return glyphs;
}

std::string safe_text(std::string_view text, bool utf8) {
    return join(glyphs_of(text, utf8));
}

int display_width(std::string_view text) {
    return width_of(glyphs_of(text));
}

std::string fit(std::string_view text, int width, bool utf8) {
    std::vector<Glyph> glyphs = glyphs_of(text, utf8);
    int taken = width_of(glyphs);
    if (taken <= width) return join(glyphs);
    const std::string ellipsis = utf8 ? "…" : width > 4 ? ".." : ".";
    const int room = width - (utf8 ? 1 : static_cast<int>(ellipsis.size()));
    while (!glyphs.empty() && taken > room) {
        taken -= glyphs.back().width;
        glyphs.pop_back();
    }
    return width > 0 ? join(glyphs) + ellipsis : "";
}

std::string fit_left(std::string_view text, int width, bool utf8) {
    std::string fitted = fit(text, width, utf8);
    return fitted + std::string(static_cast<size_t>(std::max(0, width - display_width(fitted))), ' ');
}

std::string fit_right(std::string_view text, int width, bool utf8) {
    const std::string fitted = fit(text, width, utf8);
    return std::string(static_cast<size_t>(std::max(0, width - display_width(fitted))), ' ') + fitted;
}

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.emplace_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string> wrap(std::string_view text, int width, bool utf8) {
    std::vector<std::string> lines;
    std::vector<Glyph> line;
    for (Glyph& glyph : glyphs_of(text, utf8)) {
        line.push_back(std::move(glyph));
        if (width_of(line) <= std::max(width, 2)) continue;
        auto cut = std::find_if(line.rbegin(), line.rend(), [](const Glyph& each) { return each.bytes == " "; }).base();
        const bool at_space = cut > line.begin() + 1;
        if (!at_space) cut = line.end() - 1;
        std::vector<Glyph> rest(cut, line.end());
        line.erase(at_space ? cut - 1 : cut, line.end());
        lines.push_back(join(line));
        line = std::move(rest);
    }
    if (!line.empty()) lines.push_back(join(line));
    return lines;
}

std::string strip_colour(std::string_view text) {
    std::string stripped;
    for (size_t i = 0; i < text.size(); ++i) {
        const size_t end = text.substr(i).starts_with("\x1b[") ? text.find('m', i) : std::string_view::npos;
        if (end == std::string_view::npos) {
            stripped += text[i];
        } else {
            i = end;
        }
    }
    return stripped;
}

}  // namespace tcpwitness
