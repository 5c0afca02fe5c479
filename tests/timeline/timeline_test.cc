#include "timeline/timeline.hh"

#include <gtest/gtest.h>

#include "verdict/timeline_builder.hh"

namespace tcpwitness {
namespace {

using namespace testing;

TEST(Timeline, StatesEndWithTheStory) {
    TimelineBuilder builder;
    const int client = builder.socket("client", "c");
    const int server = builder.socket("server", "s");
    builder.state(client, TcpState::syn_sent).state(server, TcpState::syn_rcvd).state(client, TcpState::established);
    builder.end_story().state(client, TcpState::closed);
    const Timeline timeline = builder.finish();

    const auto spans = states_of(timeline, client);
    ASSERT_EQ(spans.size(), 2u);
    EXPECT_EQ(spans[0].state, TcpState::syn_sent);
    EXPECT_EQ(spans[0].began, milliseconds(1));
    EXPECT_EQ(spans[0].ended, milliseconds(3));
    EXPECT_EQ(spans[1].state, TcpState::established);
    EXPECT_EQ(spans[1].event, 2u);
    EXPECT_FALSE(spans[1].ended);
    EXPECT_EQ(end_of_story(timeline), milliseconds(4));
    EXPECT_EQ(story_length(timeline), 3u);
}

TEST(Timeline, AStorylessTimelineEndsWithItsLastEvent) {
    Timeline timeline;
    EXPECT_EQ(end_of_story(timeline), Instant{});
    timeline.events.push_back({milliseconds(7), StepBegan{0}});
    EXPECT_EQ(end_of_story(timeline), milliseconds(7));
    EXPECT_EQ(story_length(timeline), 1u);
}

TEST(Timeline, NamesSockets) {
    TimelineBuilder builder;
    builder.socket("client", "c");
    builder.socket("server", "");
    builder.socket("server", "", true);
    EXPECT_EQ(to_string(builder.timeline().sockets[0]), "client c");
    EXPECT_EQ(to_string(builder.timeline().sockets[1]), "server 10.0.2.1:7000 > 10.0.1.1:40000");
    EXPECT_EQ(to_string(builder.timeline().sockets[2]), "server 10.0.2.1:7000");
}

}  // namespace
}  // namespace tcpwitness
