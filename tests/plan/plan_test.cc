#include "plan/plan.hh"

#include <gtest/gtest.h>

#include <cerrno>

namespace tcpwitness {
namespace {

using Kind = ExpectedResult::Kind;

TEST(ExpectedResult, SuccessIsAnythingButAnError) {
    EXPECT_TRUE(matches({}, 5, 0, ""));
    EXPECT_FALSE(matches({}, -1, EPIPE, ""));
    EXPECT_TRUE(matches({.kind = Kind::any}, -1, EPIPE, ""));
}

TEST(ExpectedResult, ComparesNumbersAndErrors) {
    const ExpectedResult number{.kind = Kind::number, .number = {Relation::equal, 1000}};
    EXPECT_TRUE(matches(number, 1000, 0, ""));
    EXPECT_FALSE(matches(number, 999, 0, ""));
    const ExpectedResult error{.kind = Kind::error, .error_number = EADDRINUSE};
    EXPECT_TRUE(matches(error, -1, EADDRINUSE, ""));
    EXPECT_FALSE(matches(error, -1, EINVAL, ""));
    EXPECT_FALSE(matches(error, 0, 0, ""));
    EXPECT_EQ(to_string(error), "EADDRINUSE");
    EXPECT_EQ(to_string(number), "1000");
    EXPECT_EQ(to_string(ExpectedResult{}), "success");
    // No negative number ever counts as success.
    EXPECT_FALSE(matches({.kind = Kind::number, .number = {Relation::at_most, 0}}, -1, EINVAL, ""));
}

TEST(ExpectedResult, ComparesOutput) {
    EXPECT_TRUE(matches({.kind = Kind::output, .output = "POLLHUP|POLLIN"}, 1, 0, "POLLIN|POLLHUP"));
    EXPECT_FALSE(matches({.kind = Kind::output, .output = "POLLIN"}, 1, 0, "POLLIN|POLLHUP"));
    EXPECT_TRUE(matches({.kind = Kind::output, .output = "10.0.1.1:*"}, 0, 0, "10.0.1.1:40112"));
    EXPECT_FALSE(matches({.kind = Kind::output, .output = "10.0.1.1:*"}, 0, 0, "10.0.1.2:40112"));
    EXPECT_TRUE(matches({.kind = Kind::output, .output = "*b*"}, 0, 0, "cubic"));
    EXPECT_FALSE(matches({.kind = Kind::output, .output = "a"}, 0, 0, ""));
    EXPECT_FALSE(matches({.kind = Kind::output, .output = "cubic"}, -1, EINVAL, "cubic"));
}

TEST(ExpectedResult, ComparesWhatACallGaveBackAsANumber) {
    const ExpectedResult value{.kind = Kind::value, .number = {Relation::at_least, 2}};
    EXPECT_TRUE(matches(value, 0, 0, "2"));
    EXPECT_FALSE(matches(value, 0, 0, "1"));
    EXPECT_FALSE(matches(value, 0, 0, "cubic"));
    EXPECT_FALSE(matches(value, 0, 0, ""));
    EXPECT_FALSE(matches(value, -1, EINVAL, "2"));
}

}  // namespace
}  // namespace tcpwitness
