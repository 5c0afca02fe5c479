#include "observers/monotonic_clock.hh"

#include <gtest/gtest.h>

#include <ctime>

namespace tcpwitness {
namespace {

Duration realtime() {
    timespec time{};
    clock_gettime(CLOCK_REALTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

TEST(MonotonicClockTest, StampLiesBetweenTheReadingsAroundIt) {
    MonotonicClock clock;
    clock.measure();
    for (int i = 0; i < 1000; ++i) {
        const Duration before = read_monotonic_clock();
        const Duration stamp = realtime();
        const Duration after = read_monotonic_clock();
        const Duration converted = clock.convert(stamp, before);
        EXPECT_GE(converted, before - clock.uncertainty());
        EXPECT_LE(converted, after + clock.uncertainty());
    }
}

}  // namespace
}  // namespace tcpwitness
