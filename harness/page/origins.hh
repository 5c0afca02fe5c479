// What an event of a Timeline came after: the call that was in the kernel, the segment that arrived just before, the
// segment that it acknowledges. Followed back, it leads to the step of the case. Pure; told from times and numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

struct Origin {
    std::optional<size_t> after;  // index into Timeline::events
    std::string how;              // "during shutdown(c, SHUT_WR)", "18us after FIN ACK arrived"; empty without `after`
    std::optional<int> step;      // index into Plan::steps: where following `after` leads to, or the event's own
};

// One for each event. A state change or a segment that nothing was seen within kAtOnce before it has no origin: a timer
// of the kernel did it, or something that was not observed.
std::vector<Origin> origins_of(const Plan& plan, const Timeline& timeline);

}  // namespace tcpwitness
