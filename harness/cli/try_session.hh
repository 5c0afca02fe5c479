// TrySession: the runs behind `tcpwitness try`: on which port the server listens, what the programs do, and whether the
// case that is made of it passes.
#pragma once

#include <optional>
#include <string>

#include "cli/place_choice.hh"
#include "record/record.hh"
#include "report/line.hh"
#include "report/try_learning.hh"

namespace tcpwitness {

struct TryOptions {
    TryWishes wishes;
    uint16_t port = 0;  // 0: to be found
    std::string out;    // where the case goes; empty: it is shown
    PlaceChoice choice;
    Style style;
};

class TrySession {
  public:
    explicit TrySession(TryOptions options) : options_(std::move(options)) {}

    // Runs, tells and writes. Returns the exit status: 1 when the server does not listen or cannot be tried, or does
    // not come back after the restart. Throws Error when a kernel cannot be had.
    int go();

  private:
    std::optional<Record> run(const std::string& text);
    bool find_port();
    std::optional<Record> find_story();
    std::optional<Record> find_case(TryObserved& observed);
    void tell(const Record& record, const TryObserved& observed) const;
    void tell_case() const;
    void complain(const TryLesson& lesson, const Record& record);
    void fail(int status, const std::string& words);

    TryOptions options_;
    TryLearnt learnt_;
    std::string case_text_;
    int status_ = 0;
};

}  // namespace tcpwitness
