// What `tcpwitness run` prints for people: plain lines for CI servers, or a terminal where the running cases are
// redrawn in place. Runs on several kernels are compared in a table. Both end in the line "N passed, N failed, N skipped".
#pragma once

#include <string>
#include <vector>

#include "report/line.hh"
#include "report/matrix.hh"
#include "report/reporter.hh"

namespace tcpwitness {

// "pass  1.24s teardown/four-way close [ipv6]", a skip with its reason; at most style.width columns.
std::string case_line(const Record& record, const Style& style);

// Skips by reason, cases that did not pass by name, the totals, and the line of counts alone.
std::string closing_text(const Summary& summary, const Style& style);

// One line for each case as it ends, failures in full behind all of them.
class ConsoleLines : public Reporter {
  public:
    ConsoleLines(const Style& style, Sink sink);
    void run_began(const RunBegan& began) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;

  private:
    Style style_;
    Sink sink_;
    std::string failures_;
    Matrix matrix_;
};

// For a terminal: ended cases scroll up, failures in full as they come; below them the running cases with their time,
// longest first, and a bar.
class ConsoleProgress : public Reporter {
  public:
    // `most_running`: lines for running cases, so that the block stays lower than the window.
    ConsoleProgress(const Style& style, Sink sink, size_t most_running = 8);
    // The window's width changed.
    void set_width(int columns);
    void run_began(const RunBegan& began) override;
    void case_began(const Plan& plan, Instant now) override;
    void case_ended(const Record& record) override;
    void run_ended(const Summary& summary) override;
    void redraw(Instant now) override;

  private:
    struct Running {
        std::string id;
        std::string name;
        Instant began{};
    };
    void draw(const std::string& above);
    std::string block() const;
    std::string bar() const;
    std::string erase() const;

    Style style_;
    Sink sink_;
    size_t most_running_;
    size_t total_ = 0;
    Summary so_far_;
    Matrix matrix_;
    std::vector<Running> running_;
    Instant now_{};
    size_t drawn_lines_ = 0;
};

}  // namespace tcpwitness
