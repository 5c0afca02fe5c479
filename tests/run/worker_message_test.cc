#include <gtest/gtest.h>

#include "base/error.hh"
#include "run/worker.hh"

namespace tcpwitness {
namespace {

TEST(WorkerMessage, RequestsSurvive) {
    WorkRequest request;
    request.plan = Plan{.id = "a/b", .seed = 7};
    request.tcp_actor = "/bin/actor";
    request.observers.state_tracer = false;
    request.tell_events = true;
    const WorkRequest read = work_request_from_wire(to_wire(request));
    ASSERT_TRUE(read.plan);
    EXPECT_EQ(read.plan->id, "a/b");
    EXPECT_EQ(read.plan->seed, 7U);
    EXPECT_EQ(read.tcp_actor, "/bin/actor");
    EXPECT_FALSE(read.observers.state_tracer);
    EXPECT_TRUE(read.tell_events);
}

TEST(WorkerMessage, ReportsSurvive) {
    const WorkReport progress = work_report_from_wire(to_wire(WorkReport{.progress = WorkReport::Progress{3, true}}));
    ASSERT_TRUE(progress.progress);
    EXPECT_EQ(progress.progress->step, 3);
    EXPECT_TRUE(progress.progress->waiting);
    EXPECT_EQ(work_report_from_wire(to_wire(WorkReport{.seen = "{}"})).seen, "{}");
    EXPECT_EQ(work_report_from_wire(to_wire(WorkReport{.timeline = "{}"})).timeline, "{}");
    EXPECT_EQ(work_report_from_wire(to_wire(WorkReport{.broken = "why"})).broken, "why");
}

TEST(WorkerMessage, RefusesWhatIsNoMessage) {
    EXPECT_THROW(work_report_from_wire(""), Error);
    EXPECT_THROW(work_report_from_wire("?"), Error);
    EXPECT_THROW(work_request_from_wire("{}"), Error);
    EXPECT_THROW(work_request_from_wire("not json"), Error);
}

}  // namespace
}  // namespace tcpwitness
