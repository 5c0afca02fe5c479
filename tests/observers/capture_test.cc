// The packet capture: what it sees of a connection, and that its clock and the tracer's are one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hh"
#include "observed_stage.hh"
#include "observers/monotonic_clock.hh"

namespace tcpwitness {
namespace {

class CaptureTest : public KernelTest {
  protected:
    const Event* first(const ObservedStage& stage, const std::string& host, Direction direction, uint8_t flags) {
        for (const Event& event : stage.events) {
            const auto* seen = std::get_if<SegmentSeen>(&event.body);
            if (seen != nullptr && seen->host == host && seen->direction == direction && seen->segment.flags == flags) {
                return &event;
            }
        }
        return nullptr;
    }
    static Instant entered(const ObservedStage& stage, const std::string& host, const std::string& name, TcpState state) {
        for (const Event& event : stage.changes(stage.index(host, name))) {
            if (std::get<StateChange>(event.body).to == state) return event.at;
        }
        return Instant::max();
    }
};

TEST_F(CaptureTest, SeesBothEndsOfEverySegment) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        ObservedStage stage;
        const FileDescriptor l = stage.listen("l", family);
        const FileDescriptor c = stage.socket("client", "c", family);
        ASSERT_EQ(stage.connect(c, family), 0);
        ASSERT_EQ(send(c.get(), "hello", 5, 0), 5);
        const FileDescriptor s = stage.accept(l, "s");
        ASSERT_TRUE(stage.wait([&] { return stage.observers->segments_in_flight() == 0; }));
        const Event* syn = first(stage, "client", Direction::sent, tcp_flag::kSyn);
        ASSERT_NE(syn, nullptr);
        const TcpSegment& segment = std::get<SegmentSeen>(syn->body).segment;
        EXPECT_EQ(segment.destination, (SocketAddress{TestStage::server_address(family), 7000}));
        EXPECT_TRUE(segment.options.mss);
        EXPECT_TRUE(segment.checksum_good);
        EXPECT_TRUE(segment.checksum_checked);
        ASSERT_NE(first(stage, "server", Direction::arrived, tcp_flag::kSyn), nullptr);
        const Event* data = first(stage, "server", Direction::arrived, tcp_flag::kPsh | tcp_flag::kAck);
        ASSERT_NE(data, nullptr);
        EXPECT_EQ(std::get<SegmentSeen>(data->body).segment.payload_length, 5U);
        EXPECT_EQ(stage.lost(), 0);
    }
}

// A SYN is sent after SYN_SENT and answered after SYN_RCVD, and so on. The tracer stamps with CLOCK_MONOTONIC, the
// capture's stamps are converted: this holds only if the conversion is good to the microsecond.
TEST_F(CaptureTest, StatesAndSegmentsAreInTheOrderInWhichTheyHappen) {
    ObservedStage stage;
    if (!stage.observers->observed().exact_states) GTEST_SKIP() << stage.observers->tracer_refusal();
    const FileDescriptor l = stage.listen("l", Family::ipv4);
    for (int i = 0; i < 100; ++i) {
        stage.events.clear();
        FileDescriptor c = stage.socket("client", "c", Family::ipv4);
        ASSERT_EQ(stage.connect(c, Family::ipv4), 0);
        FileDescriptor s = stage.accept(l, "s");
        ASSERT_TRUE(stage.wait_for("server", "s", TcpState::established));
        // A segment may be told later than what it brought about.
        ASSERT_TRUE(stage.wait([&] { return first(stage, "server", Direction::arrived, tcp_flag::kAck) != nullptr; }));
        const auto at = [&](const std::string& host, Direction direction, uint8_t flags) {
            const Event* event = first(stage, host, direction, flags);
            return event != nullptr ? event->at : Instant::max();
        };
        constexpr uint8_t kSynAck = tcp_flag::kSyn | tcp_flag::kAck;
        const std::vector<Instant> order{entered(stage, "client", "c", TcpState::syn_sent),
                                         at("client", Direction::sent, tcp_flag::kSyn),
                                         at("server", Direction::arrived, tcp_flag::kSyn),
                                         entered(stage, "server", "s", TcpState::syn_rcvd),
                                         at("server", Direction::sent, kSynAck),
                                         at("client", Direction::arrived, kSynAck),
                                         entered(stage, "client", "c", TcpState::established),
                                         at("client", Direction::sent, tcp_flag::kAck),
                                         at("server", Direction::arrived, tcp_flag::kAck),
                                         entered(stage, "server", "s", TcpState::established)};
        ASSERT_TRUE(std::is_sorted(order.begin(), order.end())) << "connection " << i;
        ASSERT_LT(order.back(), Instant::max());
        // No segment of this connection is to be taken for one of the next.
        c.reset();
        ASSERT_TRUE(stage.wait_for("server", "s", TcpState::close_wait));
        s.reset();
        ASSERT_TRUE(stage.wait_for("client", "c", TcpState::time_wait));
        ASSERT_TRUE(stage.wait([&] { return stage.observers->segments_in_flight() == 0; }));
    }
}

TEST_F(CaptureTest, EventsComeInOrderOfTime) {
    ObservedStage stage;
    const FileDescriptor l = stage.listen("l", Family::ipv4);
    for (int i = 0; i < 20; ++i) {
        const FileDescriptor c = stage.socket("client", "c", Family::ipv4);
        ASSERT_EQ(stage.connect(c, Family::ipv4), 0);
        const FileDescriptor s = stage.accept(l, "s");
    }
    stage.observers->drain();
    if (!stage.observers->observed().exact_states) GTEST_SKIP() << "sampled states are told when they are known";
    EXPECT_TRUE(std::is_sorted(stage.events.begin(), stage.events.end(),
                               [](const Event& a, const Event& b) { return a.at < b.at; }));
}

TEST_F(CaptureTest, LoopbackSegmentsAreSentAndArrive) {
    ObservedStage stage;
    const FileDescriptor l = stage.listen("l", Family::ipv4);
    const FileDescriptor c = stage.socket("server", "c", Family::ipv4);
    ASSERT_EQ(stage.connect(c, Family::ipv4), 0);
    const FileDescriptor s = stage.accept(l, "s");
    ASSERT_TRUE(stage.wait([&] { return stage.states("server", "s") == "SYN_RCVD ESTABLISHED"; }));
    int sent = 0;
    int arrived = 0;
    for (const Event& event : stage.events) {
        const auto* seen = std::get_if<SegmentSeen>(&event.body);
        if (seen == nullptr) continue;
        EXPECT_EQ(seen->interface, "lo");
        ++(seen->direction == Direction::sent ? sent : arrived);
    }
    EXPECT_EQ(sent, 3);
    EXPECT_EQ(arrived, 3);
    EXPECT_EQ(stage.states("server", "c"), "SYN_SENT ESTABLISHED");
    EXPECT_EQ(stage.observers->segments_in_flight(), 0U);
}

TEST_F(CaptureTest, IcmpErrorsAreToldInWords) {
    ObservedStage stage;
    const NamespaceGuard inside(stage.stage.client);
    const FileDescriptor udp(check_system(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "UDP"));
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{TestStage::server_address(Family::ipv4), 9}.to_kernel(storage);
    ASSERT_EQ(sendto(udp.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&storage), size), 1);
    const auto told = [&] {
        return std::any_of(stage.events.begin(), stage.events.end(), [](const Event& event) {
            const auto* seen = std::get_if<PacketSeen>(&event.body);
            return seen != nullptr && seen->host == "client" && seen->direction == Direction::arrived &&
                   seen->summary == "ICMP destination unreachable, port unreachable";
        });
    };
    EXPECT_TRUE(stage.wait(told));
}

TEST_F(CaptureTest, CountersChangeFromZero) {
    ObservedStage stage;
    EXPECT_EQ(stage.observers->counter("client", "Tcp.ActiveOpens"), 0);
    const FileDescriptor c = stage.socket("client", "c", Family::ipv6);
    EXPECT_EQ(stage.connect(c, Family::ipv6), ECONNREFUSED);
    EXPECT_EQ(stage.observers->counter("client", "Tcp.ActiveOpens"), 1);
    EXPECT_EQ(stage.observers->counter("client", "Tcp.AttemptFails"), 1);
    EXPECT_EQ(stage.observers->counter("server", "Tcp.OutRsts"), 1);
    EXPECT_GE(stage.observers->counter("server", "Ip6.InReceives"), 1);
    EXPECT_EQ(stage.observers->counter("server", "Tcp.ActiveOpens"), 0);
    EXPECT_EQ(stage.observers->counter("server", "No.Such"), 0);
}

}  // namespace
}  // namespace tcpwitness
