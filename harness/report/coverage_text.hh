// What `tcpwitness coverage` says: what was shown and what is missing, and the table of states and events.
#pragma once

#include <string>

#include "coverage/coverage.hh"
#include "report/line.hh"

namespace tcpwitness {

std::string coverage_text(const Coverage& coverage, const Style& style);

// One JSON object: {"format": "tcpwitness coverage", "version": 1, ...}; every witness with the path of its record.
std::string coverage_json(const Coverage& coverage);

}  // namespace tcpwitness
