// The run as JSON for other programs. Its shape is a promise: report.schema.json beside this file describes it, and
// "version" grows when something in it is taken away or changes its meaning.
#pragma once

#include <string>

#include "report/matrix.hh"
#include "report/reporter.hh"

namespace tcpwitness {

// Writes the whole document when the run ends.
class JsonReport : public Reporter {
  public:
    explicit JsonReport(Sink sink);
    void run_began(const RunBegan& began) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;

  private:
    Sink sink_;
    std::string machine_;
    Matrix matrix_;
    std::string cases_;  // the elements of "cases", joined
};

}  // namespace tcpwitness
