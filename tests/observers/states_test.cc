// The states of real connections, exact (BPF) and without BPF, over IPv4 and IPv6.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "nftables.hh"
#include "network/sysctl.hh"
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
        if (observed_) {
            EXPECT_EQ(observed_->lost(), 0);
        }
        if (HasFailure() && observed_) print_sources();
        for (FileDescriptor* socket : {&l_, &c_, &s_}) socket->reset();
        observed_.reset();
        KernelTest::TearDown();
    }

    Family family() const { return GetParam().family; }
    bool exact() const { return GetParam().tracer; }

    void print_sources() const {
        for (const Socket& socket : observed_->observers->sockets()) {
            fprintf(stderr, "%s: %s\n", to_string(socket).c_str(),
                    observed_->sources(socket.index).c_str());
        }
        for (const SocketLeft& left : observed_->observers->sockets_left()) {
            fprintf(stderr, "%s %s %s timer %s\n", left.host.c_str(), to_string(left.local).c_str(),
                    std::string(to_string(left.state)).c_str(), left.timer ? format_duration(*left.timer).c_str() : "none");
        }
        for (const Event& event : observed_->events) {
            const auto* seen = std::get_if<SegmentSeen>(&event.body);
            if (seen == nullptr) continue;
            fprintf(stderr, "%9.3f ms %s %s %s seq=%u ack=%u len=%u\n", static_cast<double>(event.at.count()) / 1e6,
                    seen->host.c_str(), seen->direction == Direction::sent ? "sent" : "got",
                    flags_to_string(seen->segment.flags).c_str(), seen->segment.sequence, seen->segment.acknowledgment,
                    seen->segment.payload_length);
        }
    }

    // A connection between client c and server s, both told to the observers; l stays open.
    void open_connection() {
        l_ = observed_->listen("l", family());
        c_ = observed_->socket("client", "c", family());
        ASSERT_EQ(observed_->connect(c_, family()), 0);
        observed_->tell("client", "c", c_.get());
        s_ = observed_->accept(l_, "s");
    }

    // The path takes no more segments from this interface: "path0" is the client's, "path1" the server's.
    NftRule block(const std::string& interface) {
        return NftRule(observed_->stage.path,
                       {.match = {.family = family(), .in_interface = interface}, .count = std::nullopt});
    }

    bool first_acknowledgment_of_fin_has_fin() const {
        bool fin_sent = false;
        for (const Event& event : observed_->events) {
            const auto* seen = std::get_if<SegmentSeen>(&event.body);
            if (seen == nullptr || seen->host != "client") continue;
            if (seen->direction == Direction::arrived && fin_sent) return seen->segment.has(tcp_flag::kFin);
            if (seen->direction == Direction::sent && seen->segment.has(tcp_flag::kFin)) fin_sent = true;
        }
        return false;
    }

    std::string client() const { return observed_->states("client", "c"); }
    std::string server() const { return observed_->states("server", "s"); }
    bool wait_for(const std::string& host, const std::string& name, TcpState state,
                  Duration limit = kLimit) {
        return observed_->wait_for(host, name, state, limit);
    }

    FileDescriptor l_;
    FileDescriptor c_;
    FileDescriptor s_;

    std::unique_ptr<ObservedStage> observed_;
};

INSTANTIATE_TEST_SUITE_P(Ways, StatesTest,
                         ::testing::Values(Way{Family::ipv4, true}, Way{Family::ipv6, true}, Way{Family::ipv4, false},
                                           Way{Family::ipv6, false}),
                         [](const auto& way) {
                             return std::string(to_string(way.param.family)) + (way.param.tracer ? "_exact" : "_sampled");
                         });

constexpr const char* kOpened = "SYN_SENT ESTABLISHED";
constexpr const char* kAccepted = "SYN_RCVD ESTABLISHED";

TEST_P(StatesTest, FourWayClose) {
    open_connection();
    ASSERT_EQ(shutdown(c_.get(), SHUT_WR), 0);
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_2));
    ASSERT_TRUE(wait_for("server", "s", TcpState::close_wait));
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSE_WAIT LAST_ACK CLOSED");
    EXPECT_EQ(observed_->states("server", "l"), "LISTEN");
    c_.reset();
    EXPECT_TRUE(wait_for("client", "c", TcpState::time_wait));
}

// close() makes a mini-socket of FIN_WAIT_2 at once; the FIN turns it into TIME_WAIT without any tracepoint of its own.
TEST_P(StatesTest, OrphanBecomesMiniSocketBeforeTimeWait) {
    open_connection();
    c_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_2));
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSE_WAIT LAST_ACK CLOSED");
    EXPECT_EQ(observed_->restarts(observed_->index("client", "c")), 0);
}

// The server delays its ACK of the FIN and closes meanwhile: FIN and ACK come together. Linux sets FIN_WAIT_2 and
// TIME_WAIT one after the other while it handles that segment.
TEST_P(StatesTest, ThreeSegmentClose) {
    open_connection();
    const int off = 0;
    ASSERT_EQ(setsockopt(s_.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off), 0);
    ASSERT_EQ(shutdown(c_.get(), SHUT_WR), 0);
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSE_WAIT LAST_ACK CLOSED");
    // A busy machine may be slower than the delayed ACK (40 ms); then there were four segments after all.
    if (first_acknowledgment_of_fin_has_fin()) {
        const std::vector<Event> changes = observed_->changes(observed_->index("client", "c"));
        EXPECT_LT(changes.back().at - (changes.end() - 2)->at, std::chrono::milliseconds(5));
    }
}

// Both FINs are lost at first; the one that is repeated finds the other end in FIN_WAIT_1.
TEST_P(StatesTest, SimultaneousClose) {
    open_connection();
    NftRule from_client = block("path0");
    NftRule from_server = block("path1");
    c_.reset();
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_1));
    ASSERT_TRUE(wait_for("server", "s", TcpState::fin_wait_1));
    from_client.remove();
    ASSERT_TRUE(wait_for("server", "s", TcpState::closing));
    from_server.remove();
    ASSERT_TRUE(wait_for("server", "s", TcpState::time_wait));
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    EXPECT_EQ(server(), std::string(kAccepted) + " FIN_WAIT_1 CLOSING TIME_WAIT");
    const std::string begun = std::string(kOpened) + " FIN_WAIT_1 ";
    std::vector<std::string> ways{begun + "CLOSING TIME_WAIT", begun + "FIN_WAIT_2 TIME_WAIT"};
    if (!exact()) ways.push_back(begun + "TIME_WAIT");  // sock_diag may be asked too late, and it could be either
    EXPECT_THAT(ways, testing::Contains(client()));
}

TEST_P(StatesTest, Refused) {
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(observed_->connect(c_, family()), ECONNREFUSED);
    observed_->tell("client", "c", c_.get());
    EXPECT_TRUE(wait_for("client", "c", TcpState::closed));
    EXPECT_EQ(client(), "SYN_SENT CLOSED");
}

// The same descriptor connects again: one socket, one line.
TEST_P(StatesTest, RefusedThenAccepted) {
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(observed_->connect(c_, family()), ECONNREFUSED);
    observed_->tell("client", "c", c_.get());
    l_ = observed_->listen("l", family());
    ASSERT_EQ(observed_->connect(c_, family()), 0);
    observed_->tell("client", "c", c_.get());
    EXPECT_TRUE(wait_for("client", "c", TcpState::established));
    EXPECT_EQ(client(), "SYN_SENT CLOSED SYN_SENT ESTABLISHED");
}

TEST_P(StatesTest, CloseWithUnreadDataResets) {
    open_connection();
    ASSERT_EQ(send(c_.get(), "x", 1, 0), 1);
    pollfd readable{s_.get(), POLLIN, 0};
    ASSERT_EQ(poll(&readable, 1, 5000), 1);
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " CLOSED");
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSED");
}

TEST_P(StatesTest, LingerZeroResets) {
    open_connection();
    const linger reset{1, 0};
    ASSERT_EQ(setsockopt(c_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    c_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " CLOSED");
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSED");
}

TEST_P(StatesTest, KilledProgramCloses) {
    open_connection();
    const pid_t child = fork();
    ASSERT_GE(child, 0);  // kill(-1) would end every process of this machine
    if (child == 0) {
        pause();
        _exit(0);
    }
    c_.reset();  // the child has the only descriptor now
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(wait_for("server", "s", TcpState::close_wait));
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
}

TEST_P(StatesTest, ListenerCloses) {
    l_ = observed_->listen("l", family());
    l_.reset();
    observed_->observers->look();
    EXPECT_TRUE(wait_for("server", "l", TcpState::closed));
    EXPECT_EQ(observed_->states("server", "l"), "LISTEN CLOSED");
}

// The kernel sets LISTEN and takes it back when the port is taken; nobody could have connected.
TEST_P(StatesTest, RefusedListenNeverListens) {
    l_ = observed_->listen("l", family());
    FileDescriptor second = observed_->socket("server", "m", family());
    const int on = 1;
    ASSERT_EQ(setsockopt(l_.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    FileDescriptor third = observed_->socket("server", "n", family());
    ASSERT_EQ(setsockopt(second.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    ASSERT_EQ(setsockopt(third.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{IpAddress::any(family()), 7001}.to_kernel(storage);
    ASSERT_EQ(bind(second.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    ASSERT_EQ(bind(third.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    ASSERT_EQ(listen(second.get(), 1), 0);
    ASSERT_EQ(listen(third.get(), 1), -1);
    EXPECT_EQ(errno, EADDRINUSE);
    observed_->tell("server", "m", second.get());
    observed_->tell("server", "n", third.get());
    EXPECT_TRUE(wait_for("server", "m", TcpState::listen));
    EXPECT_EQ(observed_->states("server", "m"), "LISTEN");
    EXPECT_EQ(observed_->states("server", "n"), "");
}

// Nobody accepts: the kernel's own socket has no name, and ends with its listener.
TEST_P(StatesTest, ListenerClosesWithConnectionNotAccepted) {
    l_ = observed_->listen("l", family());
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(observed_->connect(c_, family()), 0);
    observed_->tell("client", "c", c_.get());
    ASSERT_TRUE(observed_->wait([&] { return observed_->states("server", "") == kAccepted; }));
    l_.reset();
    observed_->observers->look();
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    EXPECT_TRUE(observed_->wait([&] { return observed_->states("server", "") == std::string(kAccepted) + " CLOSED"; }));
    EXPECT_EQ(client(), std::string(kOpened) + " CLOSED");
}

// With TCP_DEFER_ACCEPT the third segment does not open the server's end; the first data does.
TEST_P(StatesTest, DeferredAcceptStaysInSynRcvd) {
    l_ = observed_->listen("l", family());
    const int seconds = 30;
    ASSERT_EQ(setsockopt(l_.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds), 0);
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(observed_->connect(c_, family()), 0);
    observed_->tell("client", "c", c_.get());
    ASSERT_TRUE(wait_for("client", "c", TcpState::established));
    ASSERT_TRUE(observed_->wait([&] { return observed_->states("server", "") == "SYN_RCVD"; }));
    ASSERT_EQ(send(c_.get(), "x", 1, 0), 1);
    ASSERT_TRUE(observed_->wait([&] { return observed_->states("server", "") == kAccepted; }));
    s_ = observed_->accept(l_, "s");
    EXPECT_EQ(server(), kAccepted);
}

// No answer to the SYN ACK, and its timer ends the request.
TEST_P(StatesTest, RequestEndsByItsTimer) {
    set_sysctl(observed_->stage.server, "net.ipv4.tcp_synack_retries", "0");
    l_ = observed_->listen("l", family());
    NftRule from_server = block("path1");
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(fcntl(c_.get(), F_SETFL, O_NONBLOCK), 0);
    ASSERT_EQ(observed_->connect(c_, family()), EINPROGRESS);
    ASSERT_TRUE(wait_for("client", "c", TcpState::syn_sent));
    ASSERT_TRUE(observed_->wait([&] { return observed_->states("server", "") == "SYN_RCVD"; }));
    c_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    EXPECT_EQ(client(), "SYN_SENT CLOSED");
    EXPECT_TRUE(observed_->wait([&] { return observed_->states("server", "") == "SYN_RCVD CLOSED"; }));
}

// The client is gone when the SYN ACK comes: its RST ends the request.
TEST_P(StatesTest, ResetEndsRequest) {
    l_ = observed_->listen("l", family());
    NftRule from_server = block("path1");
    c_ = observed_->socket("client", "c", family());
    ASSERT_EQ(fcntl(c_.get(), F_SETFL, O_NONBLOCK), 0);
    ASSERT_EQ(observed_->connect(c_, family()), EINPROGRESS);
    ASSERT_TRUE(observed_->wait([&] { return observed_->states("server", "") == "SYN_RCVD"; }));
    c_.reset();
    from_server.remove();
    EXPECT_TRUE(observed_->wait([&] { return observed_->states("server", "") == "SYN_RCVD CLOSED"; }));
    EXPECT_TRUE(wait_for("client", "c", TcpState::closed));
}

TEST_P(StatesTest, OrphanInFinWait2EndsByItsTimer) {
    set_sysctl(observed_->stage.client, "net.ipv4.tcp_fin_timeout", "1");
    open_connection();
    c_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_2));
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 CLOSED");
    EXPECT_EQ(observed_->causes("client", "c"), "timer");
    const std::vector<Event> changes = observed_->changes(observed_->index("client", "c"));
    const Duration length = changes.back().at - (changes.end() - 2)->at;
    EXPECT_GE(length, std::chrono::milliseconds(990));
    EXPECT_LE(length, std::chrono::milliseconds(1200));
    EXPECT_EQ(server(), std::string(kAccepted) + " CLOSE_WAIT");
}

TEST_P(StatesTest, NoTimeWaitBeyondTheLimit) {
    set_sysctl(observed_->stage.client, "net.ipv4.tcp_max_tw_buckets", "0");
    open_connection();
    ASSERT_EQ(shutdown(c_.get(), SHUT_WR), 0);
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_2));
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 CLOSED");
    EXPECT_EQ(observed_->observers->counter("client", "TcpExt.TCPTimeWaitOverflow"), 1);
}

// The last ACK is lost; the server repeats its FIN, which TIME_WAIT answers, and its 2MSL begin again.
TEST_P(StatesTest, RepeatedFinRestartsTimeWait) {
    open_connection();
    c_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::fin_wait_2));
    ASSERT_TRUE(wait_for("server", "s", TcpState::close_wait));
    NftRule from_client = block("path0");
    s_.reset();
    ASSERT_TRUE(wait_for("client", "c", TcpState::time_wait));
    const int c = observed_->index("client", "c");
    ASSERT_TRUE(observed_->wait([&] { return observed_->restarts(c) == 1; }));
    from_client.remove();
    ASSERT_TRUE(wait_for("server", "s", TcpState::closed));
    EXPECT_EQ(client(), std::string(kOpened) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    EXPECT_GE(observed_->restarts(c), 2);
}

// A new SYN for a connection in TIME_WAIT: the old one ends there, a new one begins.
TEST_P(StatesTest, NewSynEndsTimeWait) {
    open_connection();
    const SocketAddress own = observed_->observers->sockets()[static_cast<size_t>(observed_->index("client", "c"))].local;
    s_.reset();
    ASSERT_TRUE(wait_for("server", "s", TcpState::fin_wait_2));
    c_.reset();
    ASSERT_TRUE(wait_for("server", "s", TcpState::time_wait));
    ASSERT_TRUE(wait_for("client", "c", TcpState::closed));
    const FileDescriptor again = observed_->socket("client", "again", family());
    sockaddr_storage storage{};
    const socklen_t size = own.to_kernel(storage);
    ASSERT_EQ(bind(again.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    ASSERT_EQ(observed_->connect(again, family()), 0);
    observed_->tell("client", "again", again.get());
    const FileDescriptor next = observed_->accept(l_, "next");
    ASSERT_TRUE(wait_for("server", "next", TcpState::established));
    EXPECT_EQ(server(), std::string(kAccepted) + " FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED");
    EXPECT_EQ(observed_->causes("server", "s"), "descheduled");
    EXPECT_EQ(observed_->states("server", "next"), kAccepted);
    EXPECT_EQ(observed_->states("client", "again"), kOpened);
}

// The kernel keeps nothing of a SYN that it answers with a cookie.
TEST_P(StatesTest, SynCookieLeavesOutSynRcvd) {
    set_sysctl(observed_->stage.server, "net.ipv4.tcp_syncookies", "2");
    open_connection();
    ASSERT_TRUE(wait_for("server", "s", TcpState::established));
    EXPECT_EQ(client(), kOpened);
    if (exact()) {
        EXPECT_EQ(server(), "ESTABLISHED");
    }
}

TEST_P(StatesTest, SelfConnect) {
    c_ = observed_->socket("server", "c", family());
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{TestStage::server_address(family()), 7000}.to_kernel(storage);
    ASSERT_EQ(bind(c_.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
    ASSERT_EQ(observed_->connect(c_, family()), 0);
    observed_->tell("server", "c", c_.get());
    ASSERT_TRUE(wait_for("server", "c", TcpState::established));
    EXPECT_EQ(observed_->states("server", "c"), "SYN_SENT SYN_RCVD ESTABLISHED");
}

}  // namespace
}  // namespace tcpwitness
