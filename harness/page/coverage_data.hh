// What all runs together showed, as JSON for the overview: the claims, and the table of states and events.
#pragma once

#include <string>

#include "coverage/coverage.hh"

namespace tcpwitness {

// {"claims": [...], "events": [...], "states": [...], "shown": 60, "possible": 191}. No claims when no run named or
// showed one, and no states when no cell was shown. Runs are named by their ids.
std::string coverage_data(const Coverage& coverage);

}  // namespace tcpwitness
