// KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel), as kselftest and KUnit write it: flat, one result
// line for each case, written as it ends.
#pragma once

#include "report/reporter.hh"

namespace tcpwitness {

class KtapReport : public Reporter {
  public:
    explicit KtapReport(Sink sink);
    void run_began(const RunBegan& began) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;

  private:
    Sink sink_;
    size_t number_ = 0;
};

}  // namespace tcpwitness
