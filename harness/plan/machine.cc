#include "plan/machine.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTimeWaitLength = 60s;  // TCP_TIMEWAIT_LEN, include/net/tcp.h
constexpr Duration kMeasuringSlack =
    100ms;  // from the timer's expiry until an observer on a busy machine has stamped it

// Ticks in one bucket of the timer wheel for a timer that is due in `ticks` (kernel/time/timer.c, since 4.8): the
// buckets of level n are 8^n ticks long and take what is due in less than 63·8^n ticks. A timer fires at the end of its
// bucket.
int64_t bucket_ticks(int64_t ticks) {
    constexpr int64_t kStartInBuckets = 63;
    constexpr int64_t kLevelFactor = 8;
    int64_t bucket = 1;
    while (ticks >= kStartInBuckets * bucket) bucket *= kLevelFactor;
    return bucket;
}

}  // namespace

const Feature* Machine::find(std::string_view feature_name) const {
    const auto found =
        std::find_if(features.begin(), features.end(), [&](const Feature& each) { return each.name == feature_name; });
    return found == features.end() ? nullptr : &*found;
}

bool Machine::has(std::string_view feature_name) const {
    const Feature* found = find(feature_name);
    return found != nullptr && found->available;
}

DurationRange Machine::two_msl() const {
    const int64_t length_ticks = std::chrono::duration_cast<std::chrono::seconds>(kTimeWaitLength).count() * hz;
    const Duration bucket = Duration(bucket_ticks(length_ticks) * 1'000'000'000 / hz);
    return {kTimeWaitLength, kTimeWaitLength + bucket + kMeasuringSlack};
}

}  // namespace tcpwitness
