// One TIME_WAIT from its beginning to its end, by two observers side by side: with BPF and without.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "observed_stage.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

class WholeTimeWaitTest : public KernelTest {};

Duration length_of_time_wait(const ObservedStage& stage) {
    const std::vector<Event> changes = stage.changes(stage.index("client", "c"));
    return changes.back().at - (changes.end() - 2)->at;
}

TEST_F(WholeTimeWaitTest, LastsTwoMsl) {
    ObservedStage exact;
    ObservedStage sampled({.state_tracer = false});
    std::vector<ObservedStage*> stages{&sampled};
    if (exact.observers->observed().exact_time_wait) stages.push_back(&exact);
    for (ObservedStage* stage : stages) {
        const FileDescriptor l = stage->listen("l", Family::ipv4);
        FileDescriptor c = stage->socket("client", "c", Family::ipv4);
        ASSERT_EQ(stage->connect(c, Family::ipv4), 0);
        stage->tell("client", "c", c.get());
        FileDescriptor s = stage->accept(l, "s");
        c.reset();
        ASSERT_TRUE(stage->wait_for("client", "c", TcpState::fin_wait_2));
        s.reset();
        ASSERT_TRUE(stage->wait_for("client", "c", TcpState::time_wait));
    }
    for (ObservedStage* stage : stages) {
        ASSERT_TRUE(stage->wait_for("client", "c", TcpState::closed, 100s));
        EXPECT_EQ(stage->states("client", "c"), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED");
        EXPECT_EQ(stage->causes("client", "c"), "timer");
        // TCP_TIMEWAIT_LEN is 60 s; the timer wheel rounds up by less than 4.096 s (HZ=1000).
        EXPECT_GE(length_of_time_wait(*stage), 60s - 20ms);
        EXPECT_LE(length_of_time_wait(*stage), 60s + 4096ms + 1s);
        EXPECT_EQ(stage->lost(), 0);
    }
}

}  // namespace
}  // namespace tcpwitness
