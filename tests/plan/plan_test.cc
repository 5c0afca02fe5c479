#include "plan/plan.hh"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

namespace tcpwitness {
namespace {

using Kind = ExpectedResult::Kind;

TEST(Comparison, Compares) {
    EXPECT_TRUE((Comparison{Relation::equal, 3}.holds(3)));
    EXPECT_FALSE((Comparison{Relation::equal, 3}.holds(4)));
    EXPECT_TRUE((Comparison{Relation::not_equal, 3}.holds(4)));
    EXPECT_TRUE((Comparison{Relation::less, 3}.holds(2)));
    EXPECT_FALSE((Comparison{Relation::less, 3}.holds(3)));
    EXPECT_TRUE((Comparison{Relation::at_most, 3}.holds(3)));
    EXPECT_FALSE((Comparison{Relation::greater, 3}.holds(3)));
    EXPECT_TRUE((Comparison{Relation::at_least, 3}.holds(3)));
    EXPECT_EQ(to_string(Comparison{Relation::at_least, 3}), ">= 3");
    EXPECT_EQ(to_string(Comparison{Relation::equal, -1}), "-1");
}

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

TEST(Condition, ReadsAsTheCaseSpellsIt) {
    const SocketReference c{.host = "client", .program = "client", .name = "c"};
    EXPECT_EQ(to_string(Condition{StateCondition{c, TcpState::time_wait}}), "client c TIME_WAIT");
    EXPECT_EQ(to_string(Condition{StateCondition{{.host = "server", .port = 80}, TcpState::listen}}),
              "server :80 LISTEN");
    EXPECT_EQ(to_string(Condition{TcpInfoCondition{c, "retransmits", {Relation::at_least, 2}}}),
              "client c tcp_info.retransmits >= 2");
    EXPECT_EQ(to_string(Condition{TcpInfoCondition{c, "retransmits", {Relation::equal, 2}}}),
              "client c tcp_info.retransmits = 2");
    EXPECT_EQ(to_string(Condition{ExitCondition{"nginx", {}, {}}}), "nginx exit");
    EXPECT_EQ(to_string(Condition{ExitCondition{"nginx", 0, {}}}), "nginx exit = 0");
    EXPECT_EQ(to_string(Condition{ExitCondition{"nginx", {}, SIGINT}}), "nginx exit = SIGINT");
    EXPECT_EQ(to_string(Condition{SegmentCondition{"client", "server", 0x11, {}}}), "client > server FIN ACK");
    EXPECT_EQ(to_string(Condition{SegmentCondition{"client", "server", 0x10, Comparison{Relation::greater, 0}}}),
              "client > server ACK len > 0");
    EXPECT_EQ(to_string(Condition{CounterCondition{"server", "TcpExt.ListenDrops", {Relation::at_least, 1}}}),
              "server TcpExt.ListenDrops >= 1");
}

TEST(Expression, ReadsAsTheCaseSpellsIt) {
    EXPECT_EQ(to_string(Expression{{false, "n", 0}, {false, "s", 0}, {false, "", 1}}), "n+s+1");
    EXPECT_EQ(to_string(Expression{{false, "n", 0}, {true, "", 1}}), "n-1");
    EXPECT_EQ(to_string(Expression{{true, "", 5}}), "-5");
}

}  // namespace
}  // namespace tcpwitness
