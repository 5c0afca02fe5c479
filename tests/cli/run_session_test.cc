#include "cli/run_session.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../temporary_folder.hh"
#include "../run/scripted_worker.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

Timeline told(bool lost) {
    Timeline timeline;
    if (lost) timeline.events.push_back({.body = RecordsLost{.observer = "state tracer", .count = 1}});
    timeline.events.push_back({.body = StoryEnded{}});
    timeline.complete = true;
    return timeline;
}

// Loses records the first `times` times, and none after.
std::string loses_records(const std::filesystem::path& folder, int times) {
    return "echo . >>'" + (folder / "times").string() + "'; if [ $(wc -l <'" + (folder / "times").string() + "') -le " +
           std::to_string(times) + " ]; then " + timeline_frame(told(true)) + "else " + timeline_frame(told(false)) + "fi";
}

class Ended : public Reporter {
  public:
    void case_ended(const Record& record) override { records.push_back(record); }
    void run_ended(const Summary& all) override { summary = all; }

    std::vector<Record> records;
    Summary summary;
};

class RunSessionTest : public testing::Test {
  protected:
    // The exit status of one run by a worker that loses records `times` times.
    int run(int times, bool guest = false) {
        const Place place{.name = "host",
                          .where = "here",
                          .guest = guest,
                          .start_worker = scripted_worker(loses_records(folder_.path(), times)),
                          .request = [](const Plan&) { return WorkRequest{}; },
                          .expected = [](const Plan&) { return Duration(1s); },
                          .limit = [](const Plan&) { return Duration(10s); }};
        WantedRun wanted{.place = &place};
        wanted.plan.id = "a";
        return RunSession({wanted}, {}, {&ended_}).run();
    }

    TemporaryFolder folder_;
    Ended ended_;
};

TEST_F(RunSessionTest, MakesARunAgainWhoseObserversLostRecords) {
    EXPECT_EQ(run(2), 0);
    EXPECT_EQ(ended_.summary.made_again, 2U);
    EXPECT_EQ(ended_.summary.passed, 1U);
    ASSERT_EQ(ended_.records.size(), 1U);
    EXPECT_EQ(ended_.records[0].where, "here; made again 2 times, because observers lost records");
}

TEST_F(RunSessionTest, SaysNothingOfItWhenNothingWasLost) {
    EXPECT_EQ(run(0), 0);
    EXPECT_EQ(ended_.summary.made_again, 0U);
    EXPECT_EQ(ended_.records.at(0).where, "here");
}

TEST_F(RunSessionTest, GivesUpAfterThreeTimes) {
    EXPECT_EQ(run(4), 3);
    EXPECT_EQ(ended_.summary.made_again, 3U);
    EXPECT_EQ(ended_.summary.errors, 1U);
}

TEST_F(RunSessionTest, AGuestLosesTheSameRecordsEveryTime) {
    EXPECT_EQ(run(1, true), 3);
    EXPECT_EQ(ended_.summary.made_again, 0U);
}

}  // namespace
}  // namespace tcpwitness
