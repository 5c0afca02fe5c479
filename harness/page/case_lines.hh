// The case's source beside what came of each line: steps with their results, expectations with their findings. Steps of
// an included file stand behind the line that includes them. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

struct CaseLine {
    int number = 0;
    std::string file;  // of an included line; empty: the case's own
    std::string text;
    std::vector<int> steps;        // indices into Plan::steps
    std::vector<size_t> findings;  // indices into Verdict::findings
};

std::vector<CaseLine> case_lines(const Record& record);

// What came of a step, for the margin.
struct StepResult {
    bool taken = false;  // it began
    bool good = false;
    std::string text;  // "0", "EADDRINUSE", "after 12ms", "timed out: ..."
    Instant at{};
    std::vector<size_t> events;  // its own: beginning, calls, faults, end
};

// One for each of Plan::steps.
std::vector<StepResult> step_results(const Record& record);

}  // namespace tcpwitness
