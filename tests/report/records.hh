// Fixed records for the tests of every report format: a pass, two failures, two skips and an error.
#pragma once

#include <vector>

#include "record/record.hh"
#include "report/reporter.hh"
#include "told_run.hh"

namespace tcpwitness {

Record record_of(const ToldRun& story, Outcome outcome, const std::string& reason = "");

Record passed_record();
Record failed_states_record();  // a sequence of states differs
Record failed_step_record();    // a call's result differs; a program wrote something
Record skipped_record(const std::string& id, const std::string& reason);
Record broken_record();  // the harness failed; output with terminal escapes and bytes that are not UTF-8

std::vector<Record> all_records();

// What a runner tells a reporter of these records.
Summary summary_of(const std::vector<Record>& records);
void report(Reporter& reporter, const std::vector<Record>& records);

// A reporter's whole output.
template <typename Report, typename... Arguments>
std::string output_of(const std::vector<Record>& records, Arguments... arguments) {
    std::string output;
    Report reporter(arguments..., [&output](std::string_view text) { output += text; });
    report(reporter, records);
    return output;
}

}  // namespace tcpwitness
