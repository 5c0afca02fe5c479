#include "case/case_text.hh"

#include <gtest/gtest.h>

#include "case/text_scanner.hh"
#include "case/variables.hh"

namespace tcpwitness {
namespace {

CaseText text_at(std::string_view text, int column) {
    return CaseText(text, {"a.yaml", 3, column}, true);
}

TEST(CaseText, KnowsTheColumnOfEveryByte) {
    const CaseText text = text_at("bind(l, :7000)", 13);
    EXPECT_EQ(text.at(0).column, 13);
    EXPECT_EQ(text.at(8).column, 21);
    EXPECT_EQ(text.at(99).column, 27);
    EXPECT_EQ(text.part(4).part(1, 1).text(), "l");
    EXPECT_EQ(text.part(4).part(1, 1).at(0).column, 18);
    EXPECT_EQ(text.part(99).text(), "");
}

TEST(CaseText, CountsCharactersAndNotBytes) {
    const CaseText text = text_at("\xc3\xa4\xc3\xb6 x", 5);
    EXPECT_EQ(text.at(2).column, 6);
    EXPECT_EQ(text.at(5).column, 8);
}

TEST(CaseText, SaysItsStartWhereItDoesNotRunAlong) {
    const CaseText text("folded text", {"a.yaml", 3, 5}, false);
    EXPECT_EQ(text.at(7).column, 5);
    EXPECT_EQ(text.at(99).column, 5);
}

TEST(RowVariables, AreReplacedAndStandWhereTheyStood) {
    Diagnostics diagnostics;
    RowVariables variables(std::map<std::string, std::string>{{"old", "EADDRINUSE"}, {"n", "1"}});
    const CaseText text = *variables.replace(text_at("a$old b${n}c $$ $", 10), diagnostics);
    EXPECT_EQ(text.text(), "aEADDRINUSE b1c $ $");
    EXPECT_EQ(text.at(5).column, 11);
    EXPECT_EQ(text.at(11).column, 15);
    EXPECT_EQ(text.at(14).column, 21);
    EXPECT_EQ(variables.used().size(), 2U);
    EXPECT_TRUE(diagnostics.empty());
}

TEST(RowVariables, RefusesUnknownNames) {
    Diagnostics diagnostics;
    RowVariables variables(std::map<std::string, std::string>{{"outcome", "0"}});
    EXPECT_FALSE(variables.replace(text_at("x $outcom", 1), diagnostics));
    EXPECT_EQ(diagnostics.to_text(),
              "a.yaml:3:3: error: 'vary' has no column 'outcom'\n    did you mean '$outcome'?\n");
}

TEST(TextScanner, SplitsOutsideBracketsAndQuotes) {
    const CaseText text = text_at("a, {b, c}, \"d, e\", f(g, h)", 1);
    const std::vector<CaseText> parts = split_text(text, ",");
    ASSERT_EQ(parts.size(), 4U);
    EXPECT_EQ(parts[1].text(), "{b, c}");
    EXPECT_EQ(parts[2].text(), "\"d, e\"");
    EXPECT_EQ(parts[3].at(0).column, 20);
    EXPECT_EQ(split_words(text_at(" a  (b c) d ", 1)).size(), 3U);
    EXPECT_EQ(find_word(text_at("when within", 1), "within"), 5U);
    EXPECT_EQ(find_word(text_at("(within) withins", 1), "within"), std::string::npos);
}

}  // namespace
}  // namespace tcpwitness
