// What differs for a program between two runs of one case: results, states, segments, durations, counters.
#pragma once

#include <string>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

struct RunDifference {
    std::string kind;    // "outcome", "result", "states", "segment", "duration", "counter"
    std::string before;  // the first line that differs, or "nothing"
    std::string after;
};

// How far two durations may be apart and still count as the same.
struct DurationTolerance {
    double relative = 0.1;
    Duration absolute = std::chrono::milliseconds(20);
};

// The first difference of each kind, and every counter; empty when the runs went the same way.
std::vector<RunDifference> run_differences(const Record& before, const Record& after,
                                           const DurationTolerance& tolerance);

}  // namespace tcpwitness
