// How far a run of many cases is, in one line of a terminal.
#pragma once

#include <set>
#include <string>

#include "report/line.hh"
#include "report/reporter.hh"

namespace tcpwitness {

struct Progress {
    size_t total = 0;
    size_t running = 0;
    Summary so_far;
    Instant now{};
};

// A bar and what it counts, from `column` to the end of the line.
void put_progress(Line& line, int column, const Progress& progress, const Style& style);

// A title and the bar, redrawn in place and gone when the run has ended: for commands that make runs to tell something
// else of them.
class ProgressLine : public Reporter {
  public:
    ProgressLine(std::string title, const Style& style, Sink sink);
    void run_began(const RunBegan& began) override;
    void case_began(const Plan& plan, Instant now) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;
    void redraw(Instant now) override;

  private:
    void draw();

    std::string title_;
    Style style_;
    Sink sink_;
    size_t total_ = 0;
    Summary so_far_;
    std::set<std::string> running_;  // ids
    Instant now_{};
};

}  // namespace tcpwitness
