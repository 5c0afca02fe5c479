#include <gtest/gtest.h>

#include "verdict/judge.hh"
#include "verdict/plan_builder.hh"
#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

Timeline with_flow(int64_t received, int64_t sent, std::optional<int64_t> wrong = std::nullopt) {
    TimelineBuilder builder;
    builder.socket("client", "c");
    builder.socket("server", "s");
    builder.add(Call{0, "client", "send(c, 1000)", milliseconds(1), sent, 0, ""});
    builder.add(Call{1, "server", "recv(s, all)", milliseconds(2), received, 0, ""});
    builder.timeline().data.push_back({"client", "client", "c", 7, sent, std::nullopt});
    builder.timeline().data.push_back({"server", "server", "s", received, 7, wrong});
    return builder.finish();
}

Finding judge_data(const Timeline& timeline, const std::string& to = "server s") {
    const Plan plan;
    return judge(Story(plan, timeline), DataExpectation{line_at(20, ""), socket_called("client c"), socket_called(to)});
}

TEST(JudgeData, AllBytesAsTheyWereSent) {
    const Finding finding = judge_data(with_flow(1000, 1000));
    EXPECT_TRUE(finding.holds) << finding.message;
    EXPECT_EQ(finding.kind, "data");
    EXPECT_EQ(finding.expected, "intact");
    EXPECT_EQ(finding.observed, "1000 bytes sent, 1000 received");
    EXPECT_EQ(finding.evidence, (std::vector<size_t>{0, 1}));
}

TEST(JudgeData, BytesMissingWrongOrNone) {
    EXPECT_EQ(judge_data(with_flow(999, 1000)).message, "server s received 999 of the 1000 bytes that client c sent");
    EXPECT_EQ(judge_data(with_flow(1000, 1000, 7)).message, "byte 7 that server s received is not what client c sent");
    EXPECT_EQ(judge_data(with_flow(0, 0)).message, "client c sent no bytes, so nothing was checked");
    EXPECT_EQ(judge_data(with_flow(1000, 1000), "server x").message,
              "server x received 0 of the 1000 bytes that client c sent");
}

TEST(JudgeData, TheTwoMustBeEndsOfOneConnection) {
    Timeline timeline = with_flow(1000, 1000);
    timeline.sockets[1].remote = client_address(40001);
    EXPECT_EQ(judge_data(timeline).message, "client c and server s are not the two ends of one connection");
    // The same end may be written as a v4-mapped address.
    timeline.sockets[1].remote = SocketAddress::parse("[::ffff:10.0.1.1]:40000");
    timeline.sockets[1].local = *SocketAddress::parse("[::ffff:10.0.2.1]:7000");
    EXPECT_TRUE(judge_data(timeline).holds);
}

}  // namespace
}  // namespace tcpwitness
