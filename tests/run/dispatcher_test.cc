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

// Takes a request, gives `answers` one after the other, and ends with its channel.
std::string answering(const std::vector<std::string>& answers) {
    std::string script;
    for (const std::string& answer : answers) script += "dd bs=1M count=1 <&3 >/dev/null 2>&1; " + answer;
    return script + "cat <&3 >/dev/null";
}

class CrewTest : public DispatcherTest {
  protected:
    Job of_crew(const std::string& crew, const std::string& script) {
        Job job = scripted("a", script);
        job.crew = crew;
        job.start = [this, start = job.start] { return ++starts_, start(); };
        return job;
    }

    int starts_ = 0;
};

TEST_F(CrewTest, AWorkerGoesOnWithJobsOfItsCrew) {
    const std::string script = answering({complete_timeline(), complete_timeline(), complete_timeline()});
    const auto results = run({of_crew("x", script), of_crew("x", script), of_crew("x", script)}, 1);
    for (size_t job : {0, 1, 2}) EXPECT_TRUE(results.at(job).timeline.complete) << job;
    EXPECT_EQ(starts_, 1);
}

TEST_F(CrewTest, AWorkerTakesNoJobOfAnotherCrewOrOfNone) {
    const std::string script = answering({complete_timeline()});
    const auto results = run({of_crew("x", script), of_crew("y", script), of_crew("", script)}, 1);
    for (size_t job : {0, 1, 2}) EXPECT_TRUE(results.at(job).timeline.complete) << job;
    EXPECT_EQ(starts_, 3);
}

TEST_F(CrewTest, TheCrewOfAnIdleWorkerComesFirst) {
    const std::string script = answering({complete_timeline(), complete_timeline()});
    run({of_crew("x", script), of_crew("y", script), of_crew("x", script)}, 1);
    EXPECT_EQ(log_, (std::vector<std::string>{"+0", "-0", "+2", "-2", "+1", "-1"}));
}

TEST_F(CrewTest, AWorkerThatBrokeIsNotUsedAgain) {
    const std::string broken = answering({frame("Xno veth here"), complete_timeline()});
    const auto results = run({of_crew("x", broken), of_crew("x", answering({complete_timeline()}))}, 1);
    EXPECT_EQ(results.at(0).timeline.error, "no veth here");
    EXPECT_TRUE(results.at(1).timeline.complete);
    EXPECT_EQ(starts_, 2);
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
