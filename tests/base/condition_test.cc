#include "base/condition.hh"

#include <gtest/gtest.h>

#include <csignal>

#include "base/expression.hh"

namespace tcpwitness {
namespace {

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

TEST(Comparison, IsReadInEverySpelling) {
    EXPECT_EQ(parse_comparison("3"), (Comparison{Relation::equal, 3}));
    EXPECT_EQ(parse_comparison("== -3"), (Comparison{Relation::equal, -3}));
    EXPECT_EQ(parse_comparison(" >=3"), (Comparison{Relation::at_least, 3}));
    EXPECT_EQ(parse_comparison("!= 3"), (Comparison{Relation::not_equal, 3}));
    EXPECT_FALSE(parse_comparison("3 4"));
    EXPECT_FALSE(parse_comparison(">="));
    EXPECT_FALSE(parse_comparison(""));
    EXPECT_FALSE(parse_comparison("99999999999999999999"));
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
