// RunSession: what `tcpwitness run` does once it is known which runs are wanted and where: dispatch, judge, record, report.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/place.hh"
#include "plan/plan.hh"
#include "report/reporter.hh"
#include "run/dispatcher.hh"

namespace tcpwitness {

// One run that is wanted.
struct WantedRun {
    Plan plan;
    const Place* place = nullptr;
    std::string why;  // what this machine's kernel cannot show, when that is why it is made in a guest
};

struct SessionOptions {
    size_t jobs = 0;              // workers that may use the processors at once; 0: see weight_of()
    std::string record_folder;    // empty: no records are kept
    bool fail_fast = false;
    // Told what runs on this machine's kernel see, as they see it; empty: not wanted.
    std::function<void(const Plan&, const Timeline& seen)> seen;
    std::string arguments;        // of the command line, as far as they belong into a command that repeats a run
};

class RunSession {
  public:
    RunSession(std::vector<WantedRun> runs, SessionOptions options, std::vector<Reporter*> reporters);

    // Runs everything. Returns the exit status: 0, 1, 3, 4, or 128+n when a signal ended it.
    int run();

  private:
    Instant now() const;
    std::vector<Job> make_jobs();
    std::string machines() const;
    size_t weight_of(const Place& place) const;
    void end_run(size_t run, JobResult result);
    bool make_again(size_t run, const Timeline& timeline);
    void keep(const Record& record);
    void stop_for(const std::string& why);
    void on_signal(int number);
    void tick();
    int exit_status() const;

    std::vector<WantedRun> runs_;
    SessionOptions options_;
    std::vector<int> made_again_;  // how often, of each run
    std::vector<Reporter*> reporters_;
    std::vector<size_t> job_runs_;  // the run of each job
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    boost::asio::io_context context_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer ticker_;
    std::unique_ptr<Dispatcher> dispatcher_;
    Summary summary_;
    int signal_ = 0;
};

}  // namespace tcpwitness
