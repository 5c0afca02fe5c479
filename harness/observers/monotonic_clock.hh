// MonotonicClock: turns the kernel's packet stamps (CLOCK_REALTIME) into CLOCK_MONOTONIC, which the tracer's records
// have. Both clocks run at the same rate and differ by a number that changes only when someone sets the time.
#pragma once

#include "base/time.hh"

namespace tcpwitness {

class MonotonicClock {
  public:
    MonotonicClock();

    // Measures the difference again; to be called before a batch of stamps is converted.
    void measure();

    // A stamp that was taken between `not_before` and now, on CLOCK_MONOTONIC, good to uncertainty().
    Duration convert(Duration realtime, Duration not_before) const;

    // Half the time that the best measurement took: below 100 ns on an idle machine with a vDSO clock.
    Duration uncertainty() const { return measured_.took / 2; }

  private:
    struct Measurement {
        Duration difference{};  // realtime minus monotonic
        Duration took{};        // between the two readings of CLOCK_MONOTONIC around the one of CLOCK_REALTIME
    };
    static Measurement measure_once();
    static Measurement measure_well();

    Measurement measured_;
    Duration before_{};  // the difference before the time was last set
};

// CLOCK_MONOTONIC now.
Duration read_monotonic_clock();

}  // namespace tcpwitness
