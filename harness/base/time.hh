// Durations as people write them ("200ms", "1.5s") and instants as every Timeline counts them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tcpwitness {

using Duration = std::chrono::nanoseconds;

// An instant of a run: time since the run's origin on CLOCK_MONOTONIC.
using Instant = std::chrono::nanoseconds;

// Both ends belong to the range.
struct DurationRange {
    Duration least{};
    Duration most{};

    bool contains(Duration duration) const { return least <= duration && duration <= most; }
    auto operator<=>(const DurationRange&) const = default;
};

// Reads a decimal number and a unit: ns, us, ms, s, min, h. Nothing when it is not a duration.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest form that loses nothing people read: "60.1s", "203ms", "15us", "0s".
std::string format_duration(Duration duration);

}  // namespace tcpwitness
