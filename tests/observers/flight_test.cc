#include "observers/flight.hh"

#include <gtest/gtest.h>

#include "story.hh"

namespace tcpwitness {
namespace {

SegmentSeen seen(Direction direction, const TcpSegment& made) {
    return {direction == Direction::sent ? "client" : "server", "x", direction, made};
}

TEST(FlightTest, CountsWhatWasSentAndHasNotArrived) {
    Flight flight;
    TcpSegment first = segment(kClient, kServer, tcp_flag::kSyn, 1, 0);
    const TcpSegment second = segment(kClient, kServer, tcp_flag::kAck, 2, 2);
    first.ttl = 64;
    flight.note(seen(Direction::sent, first));
    flight.note(seen(Direction::sent, second));
    EXPECT_EQ(flight.size(), 2U);
    first.ttl = 63;  // a router passed it on
    flight.note(seen(Direction::arrived, first));
    EXPECT_EQ(flight.size(), 1U);
}

TEST(FlightTest, EachOfTwoEqualSegmentsIsOne) {
    Flight flight;
    const TcpSegment made = segment(kClient, kServer, tcp_flag::kAck, 2, 2);
    flight.note(seen(Direction::sent, made));
    flight.note(seen(Direction::sent, made));
    flight.note(seen(Direction::arrived, made));
    EXPECT_EQ(flight.size(), 1U);
}

TEST(FlightTest, ForgedSegmentsAndCopiesDoNotCount) {
    Flight flight;
    const TcpSegment made = segment(kClient, kServer, tcp_flag::kRst, 2, 2);
    flight.note(seen(Direction::arrived, made));
    EXPECT_EQ(flight.size(), 0U);
    flight.note(seen(Direction::sent, made));
    EXPECT_EQ(flight.size(), 1U);
    flight.note(seen(Direction::arrived, made));
    flight.note(seen(Direction::arrived, made));
    EXPECT_EQ(flight.size(), 0U);
}

}  // namespace
}  // namespace tcpwitness
