// A recorded run as JSON for other programs: what became of it, its sockets with the states they passed, its segments
// with relative numbers and its calls. harness/api/run_case.hh reads it.
#pragma once

#include <string>

#include "record/record.hh"

namespace tcpwitness {

// One JSON object on one line: {"format": "tcpwitness run", "version": 1, ...}. Times are whole nanoseconds since the
// run's start. Bytes that are not UTF-8 become U+FFFD.
std::string run_json(const Record& record);

}  // namespace tcpwitness
