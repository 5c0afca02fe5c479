// The states of real connections, exact (BPF) and without BPF, over IPv4 and IPv6.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "observed_stage.hh"

namespace tcpwitness {
namespace {

struct Way {
    Family family = Family::ipv4;
    bool tracer = true;
};

class StatesTest : public ::testing::WithParamInterface<Way>, public KernelTest {
  protected:
    void SetUp() override {
        KernelTest::SetUp();
        observed_ = std::make_unique<ObservedStage>(ObserverOptions{.state_tracer = GetParam().tracer});
        if (GetParam().tracer && !observed_->observers->observed().exact_states) {
            GTEST_SKIP() << observed_->observers->tracer_refusal();
        }
    }
    void TearDown() override {
        if (observed_) EXPECT_EQ(observed_->lost(), 0);
        observed_.reset();
        KernelTest::TearDown();
    }

    Family family() const { return GetParam().family; }

    std::unique_ptr<ObservedStage> observed_;
};

INSTANTIATE_TEST_SUITE_P(Ways, StatesTest,
                         ::testing::Values(Way{Family::ipv4, true}, Way{Family::ipv6, true}, Way{Family::ipv4, false},
                                           Way{Family::ipv6, false}),
                         [](const auto& info) {
                             return std::string(to_string(info.param.family)) + (info.param.tracer ? "_exact" : "_sampled");
                         });

TEST_P(StatesTest, FourWayClose) {
    ObservedStage& stage = *observed_;
    const FileDescriptor l = stage.listen("l", family());
    const FileDescriptor c = stage.socket("client", "c", family());
    ASSERT_EQ(stage.connect(c, family()), 0);
    stage.tell("client", "c", c.get());
    FileDescriptor s = stage.accept(l, "s");
    ASSERT_EQ(shutdown(c.get(), SHUT_WR), 0);
    ASSERT_TRUE(stage.wait_for("client", "c", TcpState::fin_wait_2));
    ASSERT_TRUE(stage.wait_for("server", "s", TcpState::close_wait));
    s.reset();
    ASSERT_TRUE(stage.wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(stage.wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(stage.states("client", "c"), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_EQ(stage.states("server", "s"), "SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED");
    EXPECT_EQ(stage.states("server", "l"), "LISTEN");
    if (::testing::Test::HasFailure() || getenv("SHOW")) {
        fprintf(stderr, "%s\n%s\n", stage.sources("client", "c").c_str(), stage.sources("server", "s").c_str());
    }
}

TEST_P(StatesTest, OrphanBecomesMiniSocketBeforeTimeWait) {
    ObservedStage& stage = *observed_;
    const FileDescriptor l = stage.listen("l", family());
    FileDescriptor c = stage.socket("client", "c", family());
    ASSERT_EQ(stage.connect(c, family()), 0);
    stage.tell("client", "c", c.get());
    FileDescriptor s = stage.accept(l, "s");
    c.reset();
    ASSERT_TRUE(stage.wait_for("client", "c", TcpState::fin_wait_2));
    s.reset();
    ASSERT_TRUE(stage.wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(stage.wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(stage.states("client", "c"), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_EQ(stage.states("server", "s"), "SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED");
    if (getenv("SHOW")) {
        fprintf(stderr, "%s\n%s\n", stage.sources("client", "c").c_str(), stage.sources("server", "s").c_str());
    }
}

TEST_P(StatesTest, Refused) {
    ObservedStage& stage = *observed_;
    const FileDescriptor c = stage.socket("client", "c", family());
    ASSERT_EQ(stage.connect(c, family()), ECONNREFUSED);
    stage.tell("client", "c", c.get());
    ASSERT_TRUE(stage.wait([&] { return stage.states("client", "c") == "SYN_SENT CLOSED"; })) << stage.states("client", "c");
    if (getenv("SHOW")) fprintf(stderr, "%s\n", stage.sources("client", "c").c_str());
}

}  // namespace
}  // namespace tcpwitness
