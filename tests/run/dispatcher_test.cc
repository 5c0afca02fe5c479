#include "run/dispatcher.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "scripted_worker.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Job scripted(const std::string& name, const std::string& script) {
    Job job{.name = name, .limit = 10s};
    job.start = scripted_worker(script);
    return job;
}

std::string complete_timeline() {
    Timeline timeline;
    timeline.complete = true;
    return timeline_frame(timeline);
}

class DispatcherTest : public testing::Test {
  protected:
    std::map<size_t, JobResult> run(std::vector<Job> jobs, size_t busy_limit = 2, size_t total_limit = 8) {
        boost::asio::io_context context;
        std::map<size_t, JobResult> results;
        Dispatcher dispatcher(context, std::move(jobs), busy_limit, total_limit,
                              {.began = [this](size_t job) { log_.push_back("+" + std::to_string(job)); },
                               .ended =
                                   [&](size_t job, JobResult result) {
                                       log_.push_back("-" + std::to_string(job));
                                       results[job] = std::move(result);
                                   }});
        dispatcher.start();
        context.run();
        return results;
    }

    std::vector<std::string> log_;
};

TEST_F(DispatcherTest, GivesTheTimelineOfAWorker) {
    const auto results = run({scripted("a", "head -c 4 <&3 >/dev/null; " + complete_timeline())});
    ASSERT_EQ(results.size(), 1U);
    EXPECT_TRUE(results.at(0).timeline.complete);
    EXPECT_EQ(results.at(0).timeline.error, "");
}

TEST_F(DispatcherTest, SaysWhatAWorkerThatBreaksSaid) {
    const auto results = run({scripted("a", frame("Xno veth here"))});
    EXPECT_EQ(results.at(0).timeline.error, "no veth here");
    EXPECT_FALSE(results.at(0).timeline.complete);
}

TEST_F(DispatcherTest, AWorkerThatEndsWithoutAnAnswerIsAnError) {
    const auto results = run({scripted("a", "exit 7"), scripted("b", "kill -SEGV $$")});
    EXPECT_EQ(results.at(0).timeline.error, "the worker exited with status 7 before it answered");
    EXPECT_EQ(results.at(1).timeline.error, "the worker was killed by SIGSEGV before it answered");
}

TEST_F(DispatcherTest, GarbageIsAnError) {
    const auto results = run({scripted("a", frame("?what")), scripted("b", frame("T{\"cut"))});
    EXPECT_THAT(results.at(0).timeline.error, HasSubstr("not a report"));
    EXPECT_NE(results.at(1).timeline.error, "");
}

TEST_F(DispatcherTest, AWorkerThatHangsIsKilledAtItsLimit) {
    std::vector<Job> jobs{scripted("a", "exec sleep 1000")};
    jobs[0].limit = 50ms;
    const auto results = run(std::move(jobs));
    EXPECT_THAT(results.at(0).timeline.error, HasSubstr("no answer within 50ms"));
}

TEST_F(DispatcherTest, StartsTheLongestFirstAndOneAfterTheOther) {
    std::vector<Job> jobs{scripted("a", complete_timeline()), scripted("b", complete_timeline()),
                          scripted("c", complete_timeline())};
    jobs[1].expected = 60s;
    run(std::move(jobs), 1);
    EXPECT_EQ(log_, (std::vector<std::string>{"+1", "-1", "+0", "-0", "+2", "-2"}));
}

TEST_F(DispatcherTest, AWorkerThatWaitsLongLeavesItsPlaceToOthers) {
    // The first ends only when its channel is closed from the other side, that is, never: the limit ends it.
    std::vector<Job> jobs{scripted("a", frame("P{\"step\": 1, \"waiting\": true}") + "exec sleep 1000"),
                          scripted("b", complete_timeline())};
    jobs[0].limit = 2s;
    run(std::move(jobs), 1);
    EXPECT_EQ(log_, (std::vector<std::string>{"+0", "+1", "-1", "-0"}));
}

TEST_F(DispatcherTest, AWorkerThatCannotStartIsAnError) {
    const auto results = run({[] {
        Job job = scripted("a", "");
        job.start = [] {
            return std::make_unique<WorkerProcess>("/no/such/program", std::vector<std::string>{},
                                                   WorkerProcess::Isolation::none);
        };
        return job;
    }()});
    EXPECT_EQ(results.at(0).timeline.error, "execv /no/such/program: No such file or directory");
}

}  // namespace
}  // namespace tcpwitness
