// The Forwarder and the tricks of path on a live stage of three namespaces.
#include "faults/path_tricks.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <ctime>

#include "base/error.hh"
#include "network/stage.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint16_t kPort = 7000;

// A stage whose path does not forward by itself.
struct QuietStage {
    NetworkNamespace client{"client"};
    NetworkNamespace path{"path"};
    NetworkNamespace server{"server"};
    PlanNetwork network;

    QuietStage() {
        TestStage stage;
        Wiring wiring = stage.wiring();
        const auto here = [this](const NetworkNamespace* other) -> const NetworkNamespace* {
            if (other->name() == "client") return &client;
            return other->name() == "path" ? &path : &server;
        };
        for (Wire& wire : wiring.wires) {
            for (WireEnd* end : {&wire.a, &wire.b}) end->network_namespace = here(end->network_namespace);
            network.links.push_back({interface_of(wire.a), interface_of(wire.b), wire.mtu});
        }
        for (WiredRoute& route : wiring.routes) route.network_namespace = here(route.network_namespace);
        for (WiredHost& host : wiring.hosts) {
            host.network_namespace = here(host.network_namespace);
            std::erase_if(host.sysctls, [](const auto& sysctl) { return sysctl.first.find("forward") != std::string::npos; });
        }
        build_wiring(wiring);
        network.forwarder = true;
    }

    static PlanInterface interface_of(const WireEnd& end) {
        PlanInterface interface{.host = end.network_namespace->name(), .name = end.interface, .mac = end.mac};
        for (const PrefixAddress& address : end.addresses) interface.addresses.push_back({address.ip, address.prefix_length});
        return interface;
    }
};

Instant now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class PathTricksTest : public KernelTest, public ::testing::WithParamInterface<Family> {
  protected:
    void SetUp() override {
        KernelTest::SetUp();
        stage_ = std::make_unique<QuietStage>();
        stage_->network.family = GetParam();
        const auto host = [this](const std::string& name) -> const NetworkNamespace& {
            return name == "client" ? stage_->client : name == "path" ? stage_->path : stage_->server;
        };
        path_ = std::make_unique<PathTricks>(stage_->network, 1, host, now,
                                             [this](FaultFired fired) { fired_.push_back(std::move(fired)); });
        listener_ = listening_socket(stage_->server, TestStage::server_address(GetParam()), kPort);
    }

    void TearDown() override {
        for (FileDescriptor* each : {&listener_, &connection_, &accepted_}) each->reset();
        path_.reset();
        stage_.reset();
        KernelTest::TearDown();
    }

    // Forwards until `done` holds; false after ten seconds.
    template <typename Done>
    bool forward_until(Done done) {
        const Instant deadline = now() + 10s;
        std::vector<pollfd> waits;
        for (const int descriptor : path_->descriptors()) waits.push_back({descriptor, POLLIN, 0});
        while (now() < deadline) {
            if (done()) return true;
            const Instant until = std::min(deadline, path_->next_due().value_or(now() + 10ms));
            const timespec left{0, std::clamp<long>((until - now()).count(), 1, 10'000'000)};
            ppoll(waits.data(), waits.size(), &left, nullptr);
            path_->work();
        }
        return false;
    }

    static bool readable(const FileDescriptor& descriptor) {
        pollfd wait{descriptor.get(), POLLIN, 0};
        return poll(&wait, 1, 0) == 1;
    }

    static bool writable(const FileDescriptor& descriptor) {
        pollfd wait{descriptor.get(), POLLOUT, 0};
        return poll(&wait, 1, 0) == 1;
    }

    void connect() {
        connection_ = connecting_socket(stage_->client, TestStage::server_address(GetParam()), kPort);
        ASSERT_TRUE(forward_until([this] { return writable(connection_) && readable(listener_); }));
        accepted_ = accepted_socket(listener_);
    }

    bool arrives(std::string_view text) {
        write_all(connection_.get(), text);
        std::string received;
        return forward_until([&] {
            std::string buffer(100, '\0');
            const ssize_t size = recv(accepted_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size > 0) received += buffer.substr(0, static_cast<size_t>(size));
            return received == text;
        });
    }

    void perform(const PathTrick& trick) { path_->perform(++step_, trick, {}, {}); }

    std::vector<std::string> actions() const {
        std::vector<std::string> actions;
        for (const FaultFired& each : fired_) actions.push_back(each.action);
        return actions;
    }

    static FaultTrick fault(FaultKind kind, uint8_t flags) {
        FaultTrick trick{.fault = kind};
        trick.selector.flags_set = flags;
        return trick;
    }

    std::unique_ptr<QuietStage> stage_;
    std::unique_ptr<PathTricks> path_;
    std::vector<FaultFired> fired_;
    FileDescriptor listener_;
    FileDescriptor connection_;
    FileDescriptor accepted_;
    int step_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Families, PathTricksTest, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_P(PathTricksTest, ForwardsAConnection) {
    connect();
    EXPECT_TRUE(arrives("hello"));
    EXPECT_TRUE(fired_.empty());
    EXPECT_TRUE(path_->shortfalls().empty());
    EXPECT_EQ(path_->overflowed(), 0);
}

TEST_P(PathTricksTest, DropsTheSynOnce) {
    perform(fault(FaultKind::drop, tcp_flag::kSyn));
    connect();
    EXPECT_THAT(actions(), ElementsAre("drop"));
    EXPECT_EQ(fired_.at(0).segment->flags, tcp_flag::kSyn);
    EXPECT_EQ(retransmissions(connection_), 1);
}

TEST_P(PathTricksTest, ACorruptedSegmentIsSentAgain) {
    connect();
    FaultTrick trick = fault(FaultKind::corrupt, tcp_flag::kAck);
    trick.selector.payload_length = Comparison{Relation::equal, 5};
    perform(trick);
    EXPECT_TRUE(arrives("hello"));
    EXPECT_GE(retransmissions(connection_), 1);
    EXPECT_FALSE(fired_.at(0).became->checksum_good);
}

TEST_P(PathTricksTest, ADelayIsAtLeastThatLong) {
    FaultTrick trick = fault(FaultKind::delay, tcp_flag::kSyn);
    trick.by = 50ms;
    perform(trick);
    const Instant before = now();
    connect();
    EXPECT_GE(now() - before, 50ms);
}

TEST_P(PathTricksTest, WhatNeverCameIsTold) {
    perform(fault(FaultKind::drop, tcp_flag::kFin));
    connect();
    const auto shortfalls = path_->shortfalls();
    ASSERT_EQ(shortfalls.size(), 1U);
    EXPECT_EQ(shortfalls[0].first, 1);
    EXPECT_THAT(shortfalls[0].second, HasSubstr("none was"));
}

TEST_P(PathTricksTest, AMovedPortIsUnknownToTheServer) {
    connect();
    perform(MoveTrick{.host = "client", .port = 5555});
    write_all(connection_.get(), "x");
    EXPECT_TRUE(forward_until([this] { return readable(connection_); }));
    char byte = 0;
    EXPECT_EQ(recv(connection_.get(), &byte, 1, MSG_DONTWAIT), -1);
    EXPECT_EQ(errno, ECONNRESET);
}

TEST_P(PathTricksTest, ALinkThatCameBackCarriesAgain) {
    connect();
    perform(LinkTrick{.host = "server", .up = false});
    perform(LinkTrick{.host = "server", .up = true});
    EXPECT_TRUE(arrives("hello"));
    EXPECT_THAT(actions(), ElementsAre("link down", "link up"));
}

TEST_P(PathTricksTest, APacketThatIsTooLongIsAnsweredWithWhatFits) {
    connect();
    perform(MtuTrick{.host = "server", .mtu = 1300});
    EXPECT_TRUE(arrives(std::string(5000, 'x')));
}

TEST_P(PathTricksTest, AQueueThatNothingUsedIsTold) {
    perform(QueueTrick{.place = "both", .discipline = "pfifo"});
    EXPECT_EQ(path_->shortfalls().size(), 1U);
    EXPECT_THROW(perform(QueueTrick{.place = "client", .discipline = "off"}), Error);
}

TEST_P(PathTricksTest, AQueueThatWasUsedIsNot) {
    perform(QueueTrick{.place = "client > server", .discipline = "pfifo", .parameters = {{"limit", "50"}}});
    connect();
    EXPECT_TRUE(path_->shortfalls().empty());
}

TEST_P(PathTricksTest, WhatHasNothingToActUponFails) {
    EXPECT_THROW(perform(ReleaseTrick{}), Error);
    EXPECT_THROW(perform(BlackholeTrick{.on = false}), Error);
    EXPECT_THROW(perform(InjectTrick{.flags = tcp_flag::kRst}), Error);
    EXPECT_THROW(perform(ReplayTrick{}), Error);
}

}  // namespace
}  // namespace tcpwitness
