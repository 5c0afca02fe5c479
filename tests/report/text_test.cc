#include "report/text.hh"

#include <gtest/gtest.h>

#include "report/line.hh"

namespace tcpwitness {
namespace {

TEST(Text, WhatATerminalWouldObeyIsShownInstead) {
    EXPECT_EQ(safe_text("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
    EXPECT_EQ(safe_text("\u009b31m"), "\\x9b31m");
    EXPECT_EQ(safe_text("a\u202eb"), "a\\u202eb");
    EXPECT_EQ(safe_text("a\tb\r"), "a  b\\x0d");
    EXPECT_EQ(safe_text("\xc0\xaf\xed\xa0\x80\xf5"), "\\xc0\\xaf\\xed\\xa0\\x80\\xf5")
        << "overlong, surrogate, too high";
    EXPECT_EQ(safe_text("\xe2\x82"), "\\xe2\\x82") << "cut off";
    EXPECT_EQ(safe_text("héllo €𝄞"), "héllo €𝄞");
}

TEST(Text, WithoutUtf8EveryOtherCharacterIsAQuestionMark) {
    EXPECT_EQ(safe_text("é€ e\u0301", false), "?? e");
}

TEST(Text, WidthCountsColumns) {
    EXPECT_EQ(display_width("abc"), 3);
    EXPECT_EQ(display_width("名前"), 4);
    EXPECT_EQ(display_width("e\u0301"), 1);
    EXPECT_EQ(display_width("─►✗"), 3);
    EXPECT_EQ(display_width("\x1b"), 4) << "\\x1b";
}

TEST(Text, FitCutsAndFills) {
    EXPECT_EQ(fit("abcdef", 6), "abcdef");
    EXPECT_EQ(fit("abcdefg", 6), "abcde…");
    EXPECT_EQ(fit("abcdefg", 6, false), "abcd..");
    EXPECT_EQ(fit("名前名前", 4), "名…");
    EXPECT_EQ(fit("abc", 0), "");
    EXPECT_EQ(fit_left("ab", 4), "ab  ");
    EXPECT_EQ(fit_right("ab", 4), "  ab");
    for (int width = 0; width < 12; ++width) EXPECT_LE(display_width(fit("a名e\u0301前前前bcd", width)), width);
}

TEST(Text, WrapBreaksAtSpaces) {
    EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
    EXPECT_EQ(wrap("abcdefghij", 4), (std::vector<std::string>{"abcd", "efgh", "ij"}));
    EXPECT_TRUE(wrap("", 8).empty());
}

TEST(Line, NeverGrowsBeyondItsWidth) {
    Line line(Style{.width = 5});
    line.put(3, "abcdef");
    line.put(-1, "xy");
    EXPECT_EQ(line.text(), "y  ab\n");
}

TEST(Line, HalfOfAWideGlyphLeavesASpace) {
    Line line(Style{.width = 6});
    line.put(0, "名前");
    line.put(1, "x");
    EXPECT_EQ(line.text(), " x前\n");
    line.put(2, "y");
    EXPECT_EQ(line.text(), " xy\n");
    Line edge(Style{.width = 3});
    edge.put(0, "名前");
    EXPECT_EQ(edge.text(), "名\n");
}

TEST(Line, ColoursRunOverSpaces) {
    Line line(Style{.width = 20, .colour = true});
    line.put(0, "a b", Tone::bad);
    line.put(4, "c");
    EXPECT_EQ(line.text(), "\x1b[1;31ma b \x1b[0mc\n");
    EXPECT_EQ(strip_colour(line.text()), "a b c\n");
    EXPECT_EQ(paint("x", Tone::good, Style{}), "x");
}

}  // namespace
}  // namespace tcpwitness
