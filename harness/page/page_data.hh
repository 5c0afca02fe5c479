// What the page knows, as JSON: the overview of all runs, which is read at once, and the data of each run, which is
// read when a person opens it.
#pragma once

#include <string>
#include <vector>

#include "coverage/coverage.hh"
#include "record/record.hh"
#include "report/matrix.hh"

namespace tcpwitness {

// Files beside the page that belong to a run, as links relative to it; empty: none.
struct CaseLinks {
    std::string record;
    std::string capture;
};

// Everything the page shows of one run.
std::string case_data(const Record& record, const CaseLinks& links);

class OverviewData {
  public:
    void add(const Record& record);
    size_t size() const { return cases_.size(); }
    // `machine`: what ran them, for people; may be empty.
    std::string json(const std::string& machine) const;

  private:
    std::vector<std::string> cases_;  // a JSON object each
    Matrix matrix_;
    CoverageCollector coverage_;
    size_t counts_[4] = {0, 0, 0, 0};  // by Outcome
};

}  // namespace tcpwitness
