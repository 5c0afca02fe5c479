// The steps that led to a failure, each with what came of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hh"
#include "timeline/timeline.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {

struct StepTaken {
    int step = 0;  // index into Plan::steps
    Instant at{};
    std::string text;      // "client: connect(c, server:7000) = 0", "await: client c FIN_WAIT_2"
    std::string observed;  // what satisfied an await, or what was there instead; may be empty
    StepOutcome outcome = StepOutcome::done;
    bool ended = false;
    bool is_call = false;
};

// Every step that began before the event `end`, in order, with its end wherever that came.
std::vector<StepTaken> steps_taken(const Plan& plan, const Timeline& timeline, size_t end);

// Where a finding's story stands in Timeline::events: its own step, or what proves it, or the end of the story.
size_t place_of(const Plan& plan, const Timeline& timeline, const Finding& finding);

}  // namespace tcpwitness
