#include "base/utf8.hh"

#include <gtest/gtest.h>

#include <string>

namespace tcpwitness {
namespace {

TEST(Utf8, AcceptsCharactersOfEveryLength) {
    EXPECT_FALSE(first_invalid_utf8(""));
    EXPECT_FALSE(first_invalid_utf8("plain"));
    EXPECT_FALSE(first_invalid_utf8("caf\xc3\xa9 \xe2\x86\x92 \xf0\x9f\x99\x82"));
}

TEST(Utf8, FindsTheFirstBadByte) {
    EXPECT_EQ(first_invalid_utf8("ab\xff"), 2U);
    EXPECT_EQ(first_invalid_utf8("a\xc3"), 1U);             // cut short
    EXPECT_EQ(first_invalid_utf8("\xc0\xaf"), 0U);          // overlong
    EXPECT_EQ(first_invalid_utf8("\xe0\x80\xaf"), 0U);      // overlong
    EXPECT_EQ(first_invalid_utf8("ok\xed\xa0\x80"), 2U);    // surrogate
    EXPECT_EQ(first_invalid_utf8("\xf4\x90\x80\x80"), 0U);  // beyond U+10FFFF
    EXPECT_EQ(first_invalid_utf8("\xe2\x28\xa1"), 0U);      // bad continuation
}

}  // namespace
}  // namespace tcpwitness
