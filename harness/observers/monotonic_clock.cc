#include "observers/monotonic_clock.hh"

#include <ctime>

namespace tcpwitness {
namespace {

// A difference that changed by more than the measurements can err means that the time was set.
constexpr Duration kSet = std::chrono::microseconds(1);

Duration read_clock(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Duration read_monotonic_clock() {
    return read_clock(CLOCK_MONOTONIC);
}

MonotonicClock::Measurement MonotonicClock::measure_once() {
    const Duration before = read_clock(CLOCK_MONOTONIC);
    const Duration realtime = read_clock(CLOCK_REALTIME);
    const Duration took = read_clock(CLOCK_MONOTONIC) - before;
    return {realtime - before - took / 2, took};
}

// The measurement that took the shortest time is the least disturbed one.
MonotonicClock::Measurement MonotonicClock::measure_well() {
    Measurement best = measure_once();
    for (int i = 0; i < 4; ++i) {
        const Measurement another = measure_once();
        if (another.took < best.took) best = another;
    }
    return best;
}

MonotonicClock::MonotonicClock() : measured_(measure_well()), before_(measured_.difference) {}

void MonotonicClock::measure() {
    const Measurement latest = measure_well();
    const Duration change = std::chrono::abs(latest.difference - measured_.difference);
    if (change > kSet + latest.took + measured_.took) {
        before_ = measured_.difference;
        measured_ = latest;
    } else if (latest.took < measured_.took) {
        measured_ = latest;
    }
}

Duration MonotonicClock::convert(Duration realtime, Duration not_before) const {
    const auto possible = [not_before](Duration at) { return at >= not_before && at <= read_monotonic_clock(); };
    const Duration converted = realtime - measured_.difference;
    if (before_ == measured_.difference || possible(converted)) return converted;
    return possible(realtime - before_) ? realtime - before_ : converted;
}

}  // namespace tcpwitness
