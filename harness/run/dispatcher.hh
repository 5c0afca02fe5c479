// Dispatcher: runs many Plans, each in a worker process, side by side on one event loop. Runs that wait for something
// long (2MSL) do not count against the limit, so they overlap with all others.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "run/worker.hh"
#include "run/worker_process.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

struct Job {
    std::string name;
    WorkRequest request;
    std::function<std::unique_ptr<WorkerProcess>()> start;
    Duration expected{};  // the longest are started first
    Duration limit{};     // real time after which the worker is taken for hung and killed
    size_t weight = 1;    // how much of the dispatcher's `busy_limit` it takes while it does not wait
    std::string crew;     // a worker that has answered goes on with another job of its crew; empty: it ends
};

struct JobResult {
    Timeline timeline;  // with `error` set when the worker gave none
    Duration wall{};    // from the worker's start, or its answer to another job, to its answer
    std::string console;  // what a guest printed
};

struct DispatcherEvents {
    std::function<void(size_t job)> began;
    // What a worker that tells its events has just seen: one event, and the sockets that are known. May be empty.
    std::function<void(size_t job, const Timeline& seen)> seen;
    std::function<void(size_t job, JobResult result)> ended;
};

class Dispatcher {
  public:
    // `busy_limit`: weight of the workers that may use the processors at the same time; `total_limit`: workers at the same time.
    Dispatcher(boost::asio::io_context& context, std::vector<Job> jobs, size_t busy_limit, size_t total_limit,
               DispatcherEvents events);
    ~Dispatcher();

    // Starts as many jobs as the limits allow; others follow as these end. The io_context runs out of work at the end.
    void start();
    // The job that has just ended is to be done once more, before those that wait.
    void again(size_t job) { waiting_.push_back(job); }
    // Starts nothing more and kills what runs; their jobs do not end.
    void stop();
    // Starts nothing more; what runs goes on to its end.
    void start_no_more() { stopped_ = true; }

  private:
    class Running;

    void start_next();
    size_t take_next(std::unique_ptr<WorkerProcess>& worker);
    void start_job(size_t job, std::unique_ptr<WorkerProcess> worker);
    void finish(Running& running, Timeline timeline);
    void dismiss_idle();
    size_t busy() const;

    boost::asio::io_context& context_;
    std::vector<Job> jobs_;
    std::vector<size_t> waiting_;  // longest expected last
    size_t busy_limit_;
    size_t total_limit_;
    DispatcherEvents events_;
    std::vector<std::shared_ptr<Running>> running_;
    std::vector<std::pair<std::string, std::unique_ptr<WorkerProcess>>> idle_;  // by crew
    bool stopped_ = false;
};

}  // namespace tcpwitness
