#include "cli/run_session.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <thread>

#include "base/error.hh"
#include "record/record_file.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRedrawEvery = 100ms;
// Records that observers lost say nothing of the case: such a run is made again, at most so often.
constexpr int kMostTimesAgain = 3;
// Waiting workers take memory but no processor.
constexpr size_t kMostWorkers = 128;

std::string where_text(const WantedRun& run, int made_again) {
    std::string text = run.why.empty() ? run.place->where : fmt::format("{}; the host: {}", run.place->where, run.why);
    if (made_again > 0) text += fmt::format("; made again {}, because observers lost records", made_again == 1 ? "once" : fmt::format("{} times", made_again));
    return text;
}

// 'it' for the shell when it has anything that a shell would take apart.
std::string quoted(const std::string& word) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,";
    return word.find_first_not_of(kPlain) == std::string::npos ? word : "'" + word + "'";
}

std::string repeat_command(const WantedRun& run, const std::string& arguments) {
    const Plan& plan = run.plan;
    const std::string name = plan.variant.empty() ? plan.source.file : fmt::format("{}[{}]", plan.source.file, plan.variant);
    return fmt::format("tcpwitness run {} --seed {}{}{}", quoted(name), plan.seed, run.place->options, arguments);
}

}  // namespace

RunSession::RunSession(std::vector<WantedRun> runs, SessionOptions options, std::vector<Reporter*> reporters)
    : runs_(std::move(runs)),
      options_(std::move(options)),
      made_again_(runs_.size()),
      reporters_(std::move(reporters)),
      signals_(context_, SIGINT, SIGTERM, SIGHUP),
      ticker_(context_) {}

Instant RunSession::now() const {
    return std::chrono::steady_clock::now() - began_;
}

int RunSession::run() {
    for (Reporter* reporter : reporters_) reporter->run_began({runs_.size(), machines()});
    for (size_t run = 0; run < runs_.size(); ++run) {
        if (!runs_[run].plan.skip.empty()) end_run(run, {});
    }
    std::vector<Job> jobs = make_jobs();
    const size_t processors = std::max(1U, std::thread::hardware_concurrency());
    dispatcher_ = std::make_unique<Dispatcher>(
        context_, std::move(jobs), options_.jobs == 0 ? 2 * processors : options_.jobs, kMostWorkers,
        DispatcherEvents{.began =
                             [this](size_t job) {
                                 for (Reporter* reporter : reporters_)
                                     reporter->case_began(runs_[job_runs_[job]].plan, now());
                             },
                         .seen =
                             [this](size_t job, const Timeline& seen) {
                                 if (options_.seen) options_.seen(runs_[job_runs_[job]].plan, seen);
                             },
                         .ended =
                             [this](size_t job, JobResult result) {
                                 if (make_again(job_runs_[job], result.timeline)) return dispatcher_->again(job);
                                 end_run(job_runs_[job], std::move(result));
                             }});
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (!error) on_signal(number);
    });
    dispatcher_->start();
    tick();
    context_.run();
    summary_.not_run = runs_.size() - summary_.ended();
    summary_.wall = now();
    for (Reporter* reporter : reporters_) reporter->run_ended(summary_);
    return exit_status();
}

std::vector<Job> RunSession::make_jobs() {
    std::vector<Job> jobs;
    for (size_t run = 0; run < runs_.size(); ++run) {
        const Plan& plan = runs_[run].plan;
        if (!plan.skip.empty()) continue;
        WorkRequest request = runs_[run].place->request(plan);
        request.tell_events = options_.seen && !runs_[run].place->guest;  // a guest speaks when its run is over
        jobs.push_back({.name = plan.id,
                        .request = std::move(request),
                        .start = runs_[run].place->start_worker,
                        .expected = runs_[run].place->expected(plan),
                        .limit = runs_[run].place->limit(plan),
                        .weight = weight_of(*runs_[run].place),
                        .crew = runs_[run].place->guest ? runs_[run].place->name : ""});
        job_runs_.push_back(run);
    }
    return jobs;
}

// Every place that is used, once.
std::string RunSession::machines() const {
    std::vector<std::string> names;
    for (const WantedRun& run : runs_) {
        if (std::find(names.begin(), names.end(), run.place->where) == names.end()) names.push_back(run.place->where);
    }
    return fmt::format("{}", fmt::join(names, "; "));
}

// Without -j there are two host runs for each processor, because they mostly wait, and one guest, which never does.
size_t RunSession::weight_of(const Place& place) const {
    return options_.jobs == 0 && place.guest ? 2 : 1;
}

void RunSession::end_run(size_t run, JobResult result) {
    const WantedRun& wanted = runs_[run];
    Record record{.plan = wanted.plan, .timeline = std::move(result.timeline)};
    record.verdict = evaluate(record.plan, record.timeline);
    record.repeat_command = repeat_command(wanted, options_.arguments);
    record.wall = result.wall;
    record.console = std::move(result.console);
    record.where = where_text(wanted, made_again_[run]);
    record.why_there = wanted.why;
    keep(record);
    summary_.add(record);
    for (Reporter* reporter : reporters_) reporter->case_ended(record);
    const bool bad = record.verdict.outcome == Outcome::fail || record.verdict.outcome == Outcome::error;
    if (bad && options_.fail_fast) stop_for("--fail-fast");
    if (summary_.ended() == runs_.size()) stop_for("");
}

// A guest loses the same records every time.
bool RunSession::make_again(size_t run, const Timeline& timeline) {
    const auto lost = [](const Event& event) { return std::holds_alternative<RecordsLost>(event.body); };
    const bool wanted = !runs_[run].place->guest && made_again_[run] < kMostTimesAgain &&
                        std::any_of(timeline.events.begin(), timeline.events.end(), lost);
    if (!wanted) return false;
    ++made_again_[run];
    ++summary_.made_again;
    return true;
}

void RunSession::keep(const Record& record) {
    if (!options_.record_folder.empty()) write_record(options_.record_folder, record);
}

// Ends the loop: what still runs is killed with everything that it made.
void RunSession::stop_for(const std::string& why) {
    if (summary_.ended() < runs_.size()) summary_.interrupted = why;
    if (dispatcher_) dispatcher_->stop();
    context_.stop();
}

void RunSession::on_signal(int number) {
    signal_ = number;
    stop_for(std::string("SIG") + sigabbrev_np(number));
}

void RunSession::tick() {
    for (Reporter* reporter : reporters_) reporter->redraw(now());
    ticker_.expires_after(kRedrawEvery);
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (!error) tick();
    });
}

int RunSession::exit_status() const {
    constexpr int kSignalled = 128;
    if (signal_ != 0) return kSignalled + signal_;
    if (summary_.errors > 0) return 3;
    if (summary_.failed > 0) return 1;
    if (summary_.passed == 0) return 4;
    return 0;
}

}  // namespace tcpwitness
