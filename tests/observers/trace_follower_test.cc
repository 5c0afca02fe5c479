// TraceFollower with records in the order in which kernels write them (kernel_facts.md, and the sources it names).
#include "observers/trace_follower.hh"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>

#include "story.hh"

namespace tcpwitness {
namespace {

using enum TcpState;

constexpr uint64_t kClientSocket = 0x100;
constexpr uint64_t kListener = 0x200;
constexpr uint64_t kChild = 0x300;
constexpr uint64_t kRequest = 0x400;
constexpr uint64_t kMini = 0x500;

class TraceFollowerTest : public ::testing::Test {
  protected:
    Trace trace(int64_t at, trace_kind kind, uint64_t object) {
        Trace made;
        made.at = ms(at);
        made.kind = kind;
        made.object = object;
        const bool client = object == kClientSocket || (object >= kMini && object < kMini + 0x100);
        made.host = client ? "client" : "server";
        made.local = client ? kClient : kServer;
        made.remote = client ? kServer : kClient;
        return made;
    }
    void state(int64_t at, uint64_t object, TcpState from, TcpState to) {
        Trace made = trace(at, TRACE_STATE, object);
        made.old_state = from;
        made.new_state = to;
        if (object == kClientSocket && to == syn_sent) made.local.port = 0;
        if (object == kListener || (from == listen && to == syn_rcvd)) made.remote.reset();
        made.was_hashed = object == kListener && hashed_;
        follower_.follow(made);
    }
    void mini(int64_t at, trace_kind kind, TcpState from, TcpState to, uint64_t object = kMini) {
        Trace made = trace(at, kind, object);
        made.old_state = from;
        made.new_state = to;
        made.timer_set = kind == TRACE_MINI_CHANGED;
        follower_.follow(made);
    }
    void request(int64_t at, trace_kind kind, uint64_t child = 0, uint64_t object = kRequest) {
        Trace made = trace(at, kind, object);
        made.child = child;
        follower_.follow(made);
    }
    void seen(int64_t at, const std::string& host, Direction direction, const TcpSegment& segment) {
        follower_.follow(SegmentSeen{host, host + "0", direction, segment}, ms(at));
    }

    void open_client() {
        state(1, kClientSocket, closed, syn_sent);
        state(3, kClientSocket, syn_sent, established);
    }
    void open_server() {
        request(2, TRACE_REQUEST_BEGUN);
        state(4, kChild, listen, syn_rcvd);
        request(5, TRACE_REQUEST_UNLINKED, kChild);
        state(6, kChild, syn_rcvd, established);
    }
    std::string client() { return lines_.states(*histories_.find({"client", kClient, kServer})); }

    bool hashed_ = true;
    SocketHistories histories_;
    TraceFollower follower_{histories_};
    Lines lines_{histories_};
};

TEST_F(TraceFollowerTest, SynRcvdBeginsWithTheRequestSocket) {
    open_server();
    EXPECT_EQ(histories_.size(), 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD ESTABLISHED");
    EXPECT_EQ(lines_.entered(0, syn_rcvd), ms(2));
    EXPECT_EQ(lines_.entered(0, established), ms(6));
    EXPECT_EQ(std::get<StateChange>(lines_.events()[0].body).from, listen);
}

TEST_F(TraceFollowerTest, RepeatedSynAckIsNoNewRequest) {
    request(2, TRACE_REQUEST_BEGUN);
    request(1002, TRACE_REQUEST_BEGUN);
    EXPECT_EQ(histories_.size(), 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD");
}

TEST_F(TraceFollowerTest, RequestThatIsDropped) {
    request(2, TRACE_REQUEST_BEGUN);
    request(3, TRACE_REQUEST_UNLINKED);
    ASSERT_EQ(follower_.doubtful_timers(), std::vector{0});
    TableEntry still_there;
    still_there.state = syn_rcvd;
    follower_.answer_timer(0, still_there);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD");
    follower_.answer_timer(0, std::nullopt);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD CLOSED");
    EXPECT_EQ(lines_.entered(0, closed), ms(3));
    EXPECT_TRUE(follower_.doubtful_timers().empty());
}

TEST_F(TraceFollowerTest, NewSynAfterADroppedRequestIsAnotherSocket) {
    request(2, TRACE_REQUEST_BEGUN);
    request(3, TRACE_REQUEST_UNLINKED);
    request(4, TRACE_REQUEST_BEGUN, 0, kRequest + 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD CLOSED");
    EXPECT_EQ(lines_.states(1), "SYN_RCVD");
    EXPECT_EQ(lines_.entered(0, closed), ms(3));
}

// A timer that fires is first taken off the wheel; the handler repeats the SYN ACK and sets it again, or gives up.
TEST_F(TraceFollowerTest, TimerThatFiresIsNotTheEndUnlessItIsTheLast) {
    request(2, TRACE_REQUEST_BEGUN);
    request(1002, TRACE_REQUEST_UNLINKED);
    request(1002, TRACE_REQUEST_BEGUN);
    EXPECT_TRUE(follower_.doubtful_timers().empty());
    request(3002, TRACE_REQUEST_UNLINKED);
    request(3003, TRACE_REQUEST_EXPIRED);
    EXPECT_EQ(histories_.size(), 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD CLOSED");
    EXPECT_EQ(lines_.entered(0, closed), ms(3003));
}

// SO_REUSEPORT with net.ipv4.tcp_migrate_req: another request socket for the same SYN.
TEST_F(TraceFollowerTest, MigratedRequestIsTheSameSocket) {
    request(2, TRACE_REQUEST_BEGUN);
    request(3, TRACE_REQUEST_UNLINKED);
    request(3, TRACE_REQUEST_BEGUN, kRequest, kRequest + 1);
    request(3, TRACE_REQUEST_EXPIRED);
    state(4, kChild, listen, syn_rcvd);
    request(5, TRACE_REQUEST_UNLINKED, kChild, kRequest + 1);
    state(6, kChild, syn_rcvd, established);
    EXPECT_EQ(histories_.size(), 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD ESTABLISHED");
}

TEST_F(TraceFollowerTest, RecordsThatComeTwiceChangeNothing) {
    for (int i = 0; i < 2; ++i) state(0, kListener, closed, listen);
    for (int i = 0; i < 2; ++i) request(2, TRACE_REQUEST_BEGUN);
    for (int i = 0; i < 2; ++i) state(4, kChild, listen, syn_rcvd);
    request(5, TRACE_REQUEST_UNLINKED, kChild);
    request(5, TRACE_REQUEST_UNLINKED);
    for (int i = 0; i < 2; ++i) state(6, kChild, syn_rcvd, established);
    for (int i = 0; i < 2; ++i) state(7, kListener, listen, closed);
    EXPECT_EQ(histories_.size(), 2);
    EXPECT_EQ(lines_.states(0), "LISTEN CLOSED");
    EXPECT_EQ(lines_.states(1), "SYN_RCVD ESTABLISHED");
    EXPECT_TRUE(follower_.doubtful_timers().empty());
    EXPECT_TRUE(follower_.hosts_with_doubtful_listeners().empty());
}

TEST_F(TraceFollowerTest, CookieChildIsEstablishedAtOnce) {
    state(4, kChild, listen, syn_rcvd);
    state(4, kChild, syn_rcvd, established);
    EXPECT_EQ(lines_.states(0), "ESTABLISHED");
}

TEST_F(TraceFollowerTest, FastOpenChildIsInSynRcvdSinceItWasMade) {
    state(4, kChild, listen, syn_rcvd);
    seen(5, "server", Direction::sent, segment(kServer, kClient, tcp_flag::kSyn | tcp_flag::kAck, 1, 1));
    EXPECT_EQ(lines_.states(0), "SYN_RCVD");
    EXPECT_EQ(lines_.entered(0, syn_rcvd), ms(4));
    state(9, kChild, syn_rcvd, established);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD ESTABLISHED");
}

TEST_F(TraceFollowerTest, SynTellsThePortThatConnectChose) {
    state(1, kClientSocket, closed, syn_sent);
    EXPECT_EQ(histories_.socket(0).local.port, 0);
    seen(2, "client", Direction::sent, segment(kClient, kServer, tcp_flag::kSyn, 1, 0));
    EXPECT_EQ(histories_.socket(0).local.port, 40000);
    EXPECT_EQ(histories_.find({"client", kClient, kServer}), 0);
}

// FIN_WAIT_1, FIN_WAIT_2 and CLOSE within microseconds, while the peer has not closed yet.
TEST_F(TraceFollowerTest, FullSocketThatBecomesMiniSocketIsNotClosed) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    state(11, kClientSocket, fin_wait_1, fin_wait_2);
    mini(11, TRACE_MINI_BEGUN, closed, fin_wait_2);
    state(11, kClientSocket, fin_wait_2, closed);
    EXPECT_EQ(client(), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2");
    mini(20, TRACE_MINI_CHANGED, fin_wait_2, time_wait);
    EXPECT_EQ(client(), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT");
    mini(60020, TRACE_MINI_EXPIRED, time_wait, time_wait);
    EXPECT_EQ(lines_.states(0), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED(timer)");
}

TEST_F(TraceFollowerTest, ClosingGoesToTimeWaitWithoutFinWait2) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    state(11, kClientSocket, fin_wait_1, closing);
    mini(12, TRACE_MINI_BEGUN, closed, time_wait);
    state(12, kClientSocket, closing, closed);
    EXPECT_EQ(client(), "SYN_SENT ESTABLISHED FIN_WAIT_1 CLOSING TIME_WAIT");
}

TEST_F(TraceFollowerTest, NoMiniSocketMeansClosed) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    state(11, kClientSocket, fin_wait_1, fin_wait_2);
    state(12, kClientSocket, fin_wait_2, closed);
    EXPECT_EQ(lines_.states(0), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSED");
}

class MiniSocketTest : public TraceFollowerTest {
  protected:
    void SetUp() override {
        open_client();
        state(10, kClientSocket, established, fin_wait_1);
        state(11, kClientSocket, fin_wait_1, fin_wait_2);
        mini(12, TRACE_MINI_BEGUN, closed, time_wait);
        state(12, kClientSocket, fin_wait_2, closed);
        lines_.states(0);
    }
    static constexpr const char* kSoFar = "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT";
};

TEST_F(MiniSocketTest, RestartsAreCounted) {
    mini(20, TRACE_MINI_CHANGED, time_wait, time_wait);
    mini(30, TRACE_MINI_CANCELLED, time_wait, time_wait);
    mini(30, TRACE_MINI_CHANGED, time_wait, time_wait);
    EXPECT_EQ(lines_.states(0), std::string(kSoFar) + " restart restart");
    EXPECT_TRUE(follower_.doubtful_timers().empty());
}

TEST_F(MiniSocketTest, CancelledTimerIsTheEndOnlyWhenTheMiniSocketIsGone) {
    mini(20, TRACE_MINI_CANCELLED, time_wait, time_wait);
    ASSERT_EQ(follower_.doubtful_timers(), std::vector{0});
    TableEntry still_there;
    still_there.mini_socket = true;
    follower_.answer_timer(0, still_there);
    EXPECT_EQ(lines_.states(0), kSoFar);
    follower_.answer_timer(0, std::nullopt);
    EXPECT_EQ(lines_.states(0), std::string(kSoFar) + " CLOSED(descheduled)");
    EXPECT_EQ(lines_.entered(0, closed), ms(20));
    EXPECT_TRUE(follower_.doubtful_timers().empty());
}

// The kernel reuses the memory of the old mini-socket for the new one.
TEST_F(MiniSocketTest, NewConnectionOfTheSameAddressesIsAnotherSocket) {
    mini(20, TRACE_MINI_CANCELLED, time_wait, time_wait);
    Trace again = trace(21, TRACE_STATE, kClientSocket);
    again.object = kClientSocket + 1;
    again.old_state = closed;
    again.new_state = syn_sent;
    again.host = "client";
    again.local = kClient;
    again.remote = kServer;
    follower_.follow(again);
    follower_.answer_timer(0, TableEntry{});
    again.at = ms(22);
    again.old_state = syn_sent;
    again.new_state = established;
    follower_.follow(again);
    const int second = *histories_.find({"client", kClient, kServer});
    ASSERT_NE(second, 0);
    EXPECT_EQ(lines_.states(0), std::string(kSoFar) + " CLOSED(descheduled)");
    mini(30, TRACE_MINI_CHANGED, fin_wait_2, time_wait);
    EXPECT_EQ(lines_.states(second), "SYN_SENT ESTABLISHED TIME_WAIT");
}

// The same descriptor connects again while its old connection is in TIME_WAIT.
TEST_F(MiniSocketTest, FullSocketThatConnectsAgainGetsASuccessor) {
    state(20, kClientSocket, closed, syn_sent);
    EXPECT_EQ(lines_.states(0), kSoFar);
    EXPECT_EQ(lines_.states(1), "SYN_SENT");
}

TEST_F(TraceFollowerTest, NewSynInTimeWaitEndsIt) {
    open_server();
    Trace begun = trace(12, TRACE_MINI_BEGUN, kMini);
    begun.host = "server";
    begun.local = kServer;
    begun.remote = kClient;
    begun.new_state = time_wait;
    follower_.follow(begun);
    begun.at = ms(20);
    begun.kind = TRACE_MINI_CANCELLED;
    follower_.follow(begun);
    request(21, TRACE_REQUEST_BEGUN, 0, kRequest + 1);
    EXPECT_EQ(lines_.states(0), "SYN_RCVD ESTABLISHED TIME_WAIT CLOSED(descheduled)");
    EXPECT_EQ(lines_.states(1), "SYN_RCVD");
    EXPECT_EQ(lines_.entered(0, closed), ms(20));
}

TEST_F(TraceFollowerTest, StateThatTheTableContradictsWasNotRecorded) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    TableEntry entry;
    entry.local = kClient;
    entry.remote = kServer;
    entry.state = fin_wait_1;
    EXPECT_EQ(follower_.contradictions("client", {entry}), 0);
    entry.state = fin_wait_2;
    EXPECT_EQ(follower_.contradictions("client", {entry}), 1);
    EXPECT_EQ(follower_.contradictions("server", {}), 0);
    EXPECT_EQ(follower_.contradictions("client", {}), 1);
    state(20, kClientSocket, fin_wait_1, closed);
    EXPECT_EQ(follower_.contradictions("client", {entry}), 1);
    entry.remote.reset();
    entry.state = listen;
    EXPECT_EQ(follower_.contradictions("client", {entry}), 0);
    EXPECT_EQ(follower_.take_missing(), 0);
}

TEST_F(TraceFollowerTest, StateThatNoRecordLedToIsMissed) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    state(10, kClientSocket, established, fin_wait_1);  // the second program's record
    EXPECT_EQ(follower_.take_missing(), 0);
    state(12, kClientSocket, fin_wait_2, closed);
    EXPECT_EQ(follower_.take_missing(), 1);
    EXPECT_EQ(follower_.take_missing(), 0);
}

TEST_F(TraceFollowerTest, TimeWaitComesFromFinWait2OrClosingOnly) {
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    mini(12, TRACE_MINI_BEGUN, closed, time_wait);
    EXPECT_EQ(follower_.take_missing(), 1);
}

TEST_F(TraceFollowerTest, EndOfATimeWaitThatWasNotSeenToBegin) {
    mini(12, TRACE_MINI_EXPIRED, time_wait, time_wait);
    EXPECT_EQ(follower_.take_missing(), 1);
}

TEST_F(TraceFollowerTest, SocketThatTriesTheAddressesOfATimeWaitDoesNotEndIt) {
    constexpr uint64_t kAgain = kMini + 0x80;
    open_client();
    state(10, kClientSocket, established, fin_wait_1);
    state(11, kClientSocket, fin_wait_1, fin_wait_2);
    mini(12, TRACE_MINI_BEGUN, closed, time_wait);
    state(12, kClientSocket, fin_wait_2, closed);
    state(20, kAgain, closed, syn_sent);
    state(20, kAgain, syn_sent, closed);
    TableEntry entry;
    entry.local = kClient;
    entry.remote = kServer;
    entry.state = time_wait;
    EXPECT_EQ(follower_.contradictions("client", {entry}), 0);
    mini(60012, TRACE_MINI_EXPIRED, time_wait, time_wait);
    EXPECT_EQ(lines_.states(0), "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED(timer)");
    EXPECT_EQ(follower_.take_missing(), 0);
}

TEST_F(TraceFollowerTest, ListenIsToldWhenItIsProven) {
    state(1, kListener, closed, listen);
    EXPECT_EQ(lines_.states(0), "");
    ASSERT_EQ(follower_.hosts_with_doubtful_listeners(), std::vector<std::string>{"server"});
    follower_.answer_listeners("server", {});
    EXPECT_EQ(lines_.states(0), "");
    TableEntry entry;
    entry.state = listen;
    entry.local = kServer;
    follower_.answer_listeners("server", {entry});
    EXPECT_EQ(lines_.states(0), "LISTEN");
    EXPECT_EQ(lines_.entered(0, listen), ms(1));
    state(9, kListener, listen, closed);
    EXPECT_EQ(lines_.states(0), "LISTEN CLOSED");
}

TEST_F(TraceFollowerTest, ShortListenIsProvenByItsEnd) {
    state(1, kListener, closed, listen);
    state(2, kListener, listen, closed);
    EXPECT_EQ(lines_.states(0), "LISTEN CLOSED");
}

TEST_F(TraceFollowerTest, FailedListenIsNotTold) {
    hashed_ = false;
    state(1, kListener, closed, listen);
    state(2, kListener, listen, closed);
    EXPECT_EQ(lines_.states(0), "");
    EXPECT_TRUE(follower_.hosts_with_doubtful_listeners().empty());
}

TEST_F(TraceFollowerTest, NamesComeByCookieOrByAddresses) {
    const int named = histories_.learn("client", "client", "c", 7, std::nullopt, std::nullopt);
    Trace connecting = trace(1, TRACE_STATE, kClientSocket);
    connecting.new_state = syn_sent;
    connecting.local.port = 0;
    connecting.cookie = 7;
    follower_.follow(connecting);
    EXPECT_EQ(lines_.states(named), "SYN_SENT");
    open_server();
    const int accepted = histories_.learn("server", "server", "s", 9, kServer, kClient);
    EXPECT_EQ(lines_.states(accepted), "SYN_RCVD ESTABLISHED");
    EXPECT_EQ(to_string(histories_.socket(accepted)), "server s");
    EXPECT_EQ(histories_.size(), 2);
}

TEST_F(TraceFollowerTest, MemoryOfADestroyedSocketIsAnotherSocket) {
    open_client();
    state(5, kClientSocket, established, closed);
    follower_.follow(trace(6, TRACE_SOCKET_GONE, kClientSocket));
    open_client();
    EXPECT_EQ(lines_.states(0), "SYN_SENT ESTABLISHED CLOSED");
    EXPECT_EQ(lines_.states(1), "SYN_SENT ESTABLISHED");
}

TEST(TraceOf, TurnsTheKernelsNumbersIntoValues) {
    trace_record record{};
    record.at = 5'000'000;
    record.kind = TRACE_STATE;
    record.family = 10;
    record.old_state = 1;
    record.new_state = 4;
    record.local_port = 7000;
    inet_pton(AF_INET6, "::ffff:10.0.2.1", record.local_address);
    const Trace trace = trace_of(record, "server", ms(2));
    EXPECT_EQ(trace.at, ms(3));
    EXPECT_EQ(trace.local, kServer);
    EXPECT_FALSE(trace.remote);
    EXPECT_EQ(trace.old_state, established);
    EXPECT_EQ(trace.new_state, fin_wait_1);
    record.new_state = 99;
    EXPECT_THROW(trace_of(record, "server", ms(2)), std::exception);
}

}  // namespace
}  // namespace tcpwitness
