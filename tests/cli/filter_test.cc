#include "cli/filter.hh"

#include <gtest/gtest.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

Plan plan() {
    return Plan{.id = "teardown/four_way_close[ipv6]", .title = "Four-way close", .claims = {"C07"}, .tags = {"2msl"}};
}

bool matches(std::string_view expression) {
    return Filter(expression).matches(plan());
}

TEST(Filter, AnEmptyOneMatchesEverything) {
    EXPECT_TRUE(matches(""));
    EXPECT_TRUE(matches("  "));
}

TEST(Filter, MatchesPartsOfNamesAndWholeTags) {
    EXPECT_TRUE(matches("four_way"));
    EXPECT_TRUE(matches("FOUR-WAY"));
    EXPECT_TRUE(matches("[ipv6]"));
    EXPECT_TRUE(matches("2msl"));
    EXPECT_TRUE(matches("c07"));
    EXPECT_FALSE(matches("2ms"));
    EXPECT_FALSE(matches("C0"));
    EXPECT_TRUE(matches("'four-way close'"));
}

TEST(Filter, JoinsWords) {
    EXPECT_TRUE(matches("teardown and 2msl"));
    EXPECT_TRUE(matches("teardown 2msl"));
    EXPECT_FALSE(matches("teardown and not 2msl"));
    EXPECT_TRUE(matches("bind or teardown"));
    EXPECT_FALSE(matches("bind or (teardown and ipv4)"));
    EXPECT_TRUE(matches("not bind and not ipv4"));
    EXPECT_FALSE(matches("not (bind or ipv6)"));
}

TEST(Filter, SaysWhatIsWrong) {
    for (const char* wrong : {"and", "a and", "not", "(a", "a)", "'a", "or b", "a and or b"})
        EXPECT_THROW(Filter{wrong}, Error) << wrong;
}

}  // namespace
}  // namespace tcpwitness
