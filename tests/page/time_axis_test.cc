#include "page/time_axis.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

TEST(TimeAxis, KeepsTheOrderOfTimeWhateverTheOrderOfAdding) {
    TimeAxis axis;
    const size_t late = axis.add(3ms, {{0, 17}}), early = axis.add(1ms, {{1, 17}});
    axis.settle(10);
    EXPECT_EQ(axis.y(early), 10);
    EXPECT_GT(axis.y(late), axis.y(early));
}

TEST(TimeAxis, ThingsOfOneTrackDoNotCoverEachOther) {
    TimeAxis axis;
    const size_t first = axis.add(1us, {{0, 17}}), second = axis.add(2us, {{0, 17}}), other = axis.add(2us, {{1, 17}});
    axis.settle(0);
    EXPECT_GE(axis.y(second), axis.y(first) + 17);
    EXPECT_EQ(axis.y(other), axis.y(second)) << "the same moment";
}

TEST(TimeAxis, AnArrivalStandsBelowItsDeparture) {
    TimeAxis axis;
    const size_t leaves = axis.add(5us, {{0, 17}}), arrives = axis.add(5us, {{1, 10}}, leaves, 13);
    axis.settle(0);
    EXPECT_EQ(axis.y(arrives), axis.y(leaves) + 13);
}

TEST(TimeAxis, AnHourTakesNoMoreRoomThanATenthOfASecond) {
    TimeAxis axis;
    const size_t begin = axis.add(0s, {{0, 1}}), soon = axis.add(100ms, {{0, 1}}), hour = axis.add(1h, {{0, 1}});
    axis.settle(0);
    EXPECT_EQ(axis.y(soon) - axis.y(begin), axis.y(hour) - axis.y(soon));
    ASSERT_EQ(axis.folds().size(), 2U);
    EXPECT_EQ(axis.folds()[1].wait, 1h - 100ms);
    EXPECT_GT(axis.folds()[1].y, axis.y(soon));
    EXPECT_LT(axis.folds()[1].y, axis.y(hour));
}

TEST(TimeAxis, AShortWaitIsNotFolded) {
    TimeAxis axis;
    axis.add(0s, {{0, 1}});
    axis.add(99ms, {{0, 1}});
    axis.settle(0);
    EXPECT_TRUE(axis.folds().empty());
}

}  // namespace
}  // namespace tcpwitness
