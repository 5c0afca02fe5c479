// RecordedRuns: Records for commands that look at many of them, read from files or made by running cases.
#pragma once

#include <string>
#include <vector>

#include "cli/place_choice.hh"
#include "cli/selection.hh"
#include "record/record.hh"
#include "report/reporter.hh"

namespace tcpwitness {

// Keeps what ended, in memory.
class RecordKeeper : public Reporter {
  public:
    void case_ended(const Record& record) override { records.push_back(record); }
    std::vector<Record> records;
};

// Whether the word names records and not cases: a *.json file or a folder with records in it.
bool names_records(const std::string& path);

struct RunsMade {
    std::vector<Record> records;
    int status = 0;  // an ExitStatus of its own when nothing could be run, or 128+n after signal n
    bool made() const { return status == 0; }
};

// Makes these runs, quietly but for a line of progress with this title where standard error is a terminal.
RunsMade make_runs(std::vector<WantedRun> runs, const std::string& title);

// Runs the cases that are wanted. What individual runs came to is in their records. Mistakes in cases are printed.
RunsMade make_runs(const Wanted& wanted, const PlaceChoice& choice);

}  // namespace tcpwitness
