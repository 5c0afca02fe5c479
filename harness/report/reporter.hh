// Reporter: who wants to know how a run of many cases goes on. The console, JUnit, KTAP and JSON are all reporters; the
// runner calls each of them and knows nothing of formats. No threads: everything happens in the caller's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

// Takes what a reporter writes: a file, standard output, a string of a test.
using Sink = std::function<void(std::string_view)>;

struct RunBegan {
    size_t total = 0;     // cases that will run or be skipped
    std::string machine;  // "kernel 6.18.44, root"; may be empty
};

// What a run came to. The runner fills it as cases end.
struct Summary {
    size_t passed = 0;
    size_t failed = 0;
    size_t skipped = 0;
    size_t errors = 0;
    std::map<std::string, size_t> skip_reasons;  // and how many each
    std::vector<std::string> failed_cases;       // display names, errors among them
    size_t not_run = 0;                          // cases left over because of an interrupt or of --fail-fast
    size_t made_again = 0;                       // runs whose observers lost records, so they were made once more
    std::string interrupted;  // why they were left over: "SIGINT", "--fail-fast"; empty when none were
    Duration wall{};          // of the whole run

    void add(const Record& record);
    size_t ended() const { return passed + failed + skipped + errors; }
};

// "12 passed, 1 failed, 2 skipped, 1 error in 61.3s"
std::string total_line(const Summary& summary);
// "3 skipped: netem is not in this kernel (2), redis-server is not installed (1)"; empty when none was.
std::string skip_line(const Summary& summary);
// "2 runs were made again, because observers lost records"; empty when none was.
std::string again_line(const Summary& summary);

class Reporter {
  public:
    virtual ~Reporter() = default;
    virtual void run_began(const RunBegan&) {}
    virtual void case_began(const Plan& /*plan*/, Instant /*now*/) {}
    virtual void case_ended(const Record&) {}
    virtual void run_ended(const Summary&) {}
    // Called some times a second; `now` counts on the same clock as in case_began.
    virtual void redraw(Instant /*now*/) {}
};

}  // namespace tcpwitness
