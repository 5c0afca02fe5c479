#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

Timeline with_time_wait() {
    TimelineBuilder builder;
    builder.state(builder.socket("client", "c"), TcpState::time_wait);
    builder.timeline().sockets_left.push_back(
        {"client", TcpState::time_wait, client_address(), server_address(), {}, ""});
    builder.timeline().sockets_left.push_back({"server", TcpState::listen, server_address(), {}, {}, "server"});
    return builder.finish();
}

Finding judge_sockets(const Timeline& timeline, const std::string& host,
                      std::vector<std::pair<TcpState, Comparison>> states) {
    const Plan plan;
    return judge(Story(plan, timeline), SocketsExpectation{line_at(20, ""), host, std::move(states)});
}

TEST(JudgeSockets, CountsWhatIsLeft) {
    const Finding finding = judge_sockets(with_time_wait(), "client", {{TcpState::time_wait, {Relation::equal, 1}}});
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "sockets");
    EXPECT_EQ(finding.expected, "{TIME_WAIT: 1}");
    EXPECT_EQ(finding.observed, "{TIME_WAIT: 1}");
    Timeline without = with_time_wait();
    without.sockets_left.erase(without.sockets_left.begin());
    EXPECT_EQ(judge_sockets(without, "client", {{TcpState::time_wait, {Relation::equal, 1}}}).message,
              "client has 0 sockets in TIME_WAIT at the end of the story; 1 was expected");
    EXPECT_TRUE(judge_sockets(without, "client", {}).holds);
    EXPECT_TRUE(judge_sockets(without, "client", {{TcpState::time_wait, {Relation::equal, 0}}}).holds);
}

TEST(JudgeSockets, StatesThatAreNotNamedMustBeAbsent) {
    const Finding none = judge_sockets(with_time_wait(), "client", {});
    EXPECT_EQ(none.message,
              "client has 1 socket in TIME_WAIT at the end of the story (10.0.1.1:40000 > 10.0.2.1:7000); 0 "
              "was expected");
    EXPECT_EQ(none.expected, "none");
    EXPECT_EQ(none.observed, "{TIME_WAIT: 1}");
    EXPECT_EQ(none.evidence, std::vector<size_t>{0});
    EXPECT_FALSE(judge_sockets(with_time_wait(), "client", {{TcpState::established, {Relation::at_least, 0}}}).holds);
}

TEST(JudgeSockets, OnlySocketsOfTheCaseCount) {
    Timeline timeline = with_time_wait();
    timeline.sockets_left.push_back({"server", TcpState::established, server_address(22), client_address(9), {}, ""});
    EXPECT_TRUE(judge_sockets(timeline, "server", {{TcpState::listen, {Relation::equal, 1}}}).holds);
    timeline.sockets_left.back().program = "nginx";
    EXPECT_FALSE(judge_sockets(timeline, "server", {{TcpState::listen, {Relation::equal, 1}}}).holds);
}

}  // namespace
}  // namespace tcpwitness
