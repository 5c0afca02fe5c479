#include "base/time.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

TEST(Time, ReadsDurations) {
    EXPECT_EQ(parse_duration("200ms"), 200ms);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("2min"), 120s);
    EXPECT_EQ(parse_duration("0s"), 0s);
    for (const char* text : {"", "5", "ms", "-1s", "1 s", "1sec", "1e3s", "99999999999h"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Time, WritesTheUnitThatPeopleRead) {
    EXPECT_EQ(format_duration(60100ms), "60.1s");
    EXPECT_EQ(format_duration(203ms), "203ms");
    EXPECT_EQ(format_duration(15us), "15us");
    EXPECT_EQ(format_duration(0s), "0s");
}

}  // namespace
}  // namespace tcpwitness
