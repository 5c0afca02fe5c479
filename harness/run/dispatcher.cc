#include "run/dispatcher.hh"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <numeric>

#include "base/error.hh"

namespace tcpwitness {

using boost::asio::posix::stream_descriptor;

// One job with its worker. A handler that comes after finish() finds it gone.
class Dispatcher::Running : public std::enable_shared_from_this<Dispatcher::Running> {
  public:
    Running(Dispatcher& dispatcher, size_t job, std::unique_ptr<WorkerProcess> worker)
        : index(job),
          began(std::chrono::steady_clock::now()),
          dispatcher_(dispatcher),
          worker_(std::move(worker)),
          readable_(dispatcher.context_, dup(worker_->channel().descriptor())),
          limit_(dispatcher.context_) {}

    void begin() {
        const Job& job = dispatcher_.jobs_[index];
        try {
            worker_->channel().send(to_wire(job.request));
        } catch (const SystemError&) {
            // The worker has ended already: what it said before, or how it ended, is read from the channel.
        }
        wait_for_report();
        limit_.expires_after(job.limit);
        limit_.async_wait([self = weak_from_this(), limit = job.limit](const boost::system::error_code&) {
            const auto running = self.lock();
            if (running && running->limit_.expiry() <= std::chrono::steady_clock::now())
                running->broke(fmt::format("the worker gave no answer within {}", format_duration(limit)));
        });
    }

    // Fit for another job when it has answered this one.
    std::unique_ptr<WorkerProcess> take_worker() { return std::move(worker_); }

    const size_t index;
    const std::chrono::steady_clock::time_point began;
    bool waiting = false;   // for something long
    bool answered = false;  // with a Timeline
    std::string console;   // of its guest

  private:
    void wait_for_report() {
        readable_.async_wait(stream_descriptor::wait_read,
                             [self = weak_from_this()](const boost::system::error_code& error) {
                                 const auto running = self.lock();
                                 if (running && !error && !running->take_reports()) running->wait_for_report();
                             });
    }

    // True when the job has ended with it.
    bool take_reports() {
        try {
            while (const std::optional<std::string> text = worker_->channel().try_receive()) {
                const WorkReport report = work_report_from_wire(*text);
                if (report.timeline) {
                    Timeline timeline = timeline_from_json(*report.timeline);
                    answered = true;
                    dispatcher_.finish(*this, std::move(timeline));
                    return true;
                }
                if (report.broken) return broke(*report.broken);
                if (report.progress) note(*report.progress);
                if (report.seen && dispatcher_.events_.seen)
                    dispatcher_.events_.seen(index, timeline_from_json(*report.seen));
                if (report.console) console = *report.console;
            }
        } catch (const Error& error) {
            return broke(error.what());
        }
        if (!worker_->channel().closed()) return false;
        return broke(fmt::format("the worker {} before it answered", worker_->wait()));
    }

    void note(const WorkReport::Progress& progress) {
        waiting = progress.waiting;
        boost::asio::post(dispatcher_.context_, [&dispatcher = dispatcher_] { dispatcher.start_next(); });
    }

    bool broke(const std::string& why) {
        Timeline timeline;
        timeline.error = why;
        dispatcher_.finish(*this, std::move(timeline));
        return true;
    }

    Dispatcher& dispatcher_;
    std::unique_ptr<WorkerProcess> worker_;
    stream_descriptor readable_;
    boost::asio::steady_timer limit_;
};

Dispatcher::Dispatcher(boost::asio::io_context& context, std::vector<Job> jobs, size_t busy_limit, size_t total_limit,
                       DispatcherEvents events)
    : context_(context),
      jobs_(std::move(jobs)),
      waiting_(jobs_.size()),
      busy_limit_(busy_limit),
      total_limit_(total_limit),
      events_(std::move(events)) {
    std::iota(waiting_.rbegin(), waiting_.rend(), size_t{0});
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [this](size_t a, size_t b) { return jobs_[a].expected < jobs_[b].expected; });
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
    start_next();
}

void Dispatcher::stop() {
    stopped_ = true;
    running_.clear();
    dismiss_idle();
}

void Dispatcher::dismiss_idle() {
    for (; !idle_.empty(); idle_.pop_back()) idle_.back().second->dismiss();
}

size_t Dispatcher::busy() const {
    size_t weight = 0;
    for (const auto& running : running_) weight += running->waiting ? 0 : jobs_[running->index].weight;
    return weight;
}

void Dispatcher::start_next() {
    while (!stopped_ && !waiting_.empty() && busy() < busy_limit_ && running_.size() < total_limit_) {
        std::unique_ptr<WorkerProcess> worker;
        const size_t job = take_next(worker);
        start_job(job, std::move(worker));
    }
    dismiss_idle();
}

// The job to start now: one of an idle worker's crew, with that worker, else the longest.
size_t Dispatcher::take_next(std::unique_ptr<WorkerProcess>& worker) {
    auto next = waiting_.rend();
    for (; !idle_.empty() && next == waiting_.rend(); idle_.pop_back()) {
        next = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](size_t job) { return jobs_[job].crew == idle_.back().first; });
        if (next != waiting_.rend())
            worker = std::move(idle_.back().second);
        else
            idle_.back().second->dismiss();
    }
    if (next == waiting_.rend()) next = waiting_.rbegin();
    const size_t job = *next;
    waiting_.erase(std::next(next).base());
    return job;
}

void Dispatcher::start_job(size_t job, std::unique_ptr<WorkerProcess> worker) {
    if (events_.began) events_.began(job);
    try {
        auto running = std::make_shared<Running>(*this, job, worker ? std::move(worker) : jobs_[job].start());
        running->begin();
        running_.push_back(std::move(running));
    } catch (const Error& error) {
        JobResult result;
        result.timeline.error = error.what();
        events_.ended(job, std::move(result));
    }
}

void Dispatcher::finish(Running& running, Timeline timeline) {
    const auto place = std::find_if(running_.begin(), running_.end(),
                                    [&running](const auto& other) { return other.get() == &running; });
    JobResult result{std::move(timeline), std::chrono::steady_clock::now() - running.began,
                     std::move(running.console)};
    const size_t job = running.index;
    const std::shared_ptr<Running> done = std::move(*place);  // the worker is killed and reaped when it goes
    running_.erase(place);
    if (running.answered && !jobs_[job].crew.empty()) idle_.emplace_back(jobs_[job].crew, done->take_worker());
    events_.ended(job, std::move(result));
    boost::asio::post(context_, [this] { start_next(); });
}

}  // namespace tcpwitness
