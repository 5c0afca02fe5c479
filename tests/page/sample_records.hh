// Made-up runs for the tests of the page, with a case's text that fits their steps.
#pragma once

#include <vector>

#include "records.hh"

namespace tcpwitness {

// The story's record, its case text made of its steps, each on the line that the plan says.
Record sample_record(const ToldRun& story, Outcome outcome, const std::string& reason = "");

// A pass with a whole life, a bad line that fails, a failed call, a skip and an error.
std::vector<Record> sample_records();

}  // namespace tcpwitness
