// SegmentFollower and SegmentReader with hand-made segments and answers of sock_diag.
#include "observers/segment_follower.hh"

#include <gtest/gtest.h>

#include "story.hh"

namespace tcpwitness {
namespace {

using enum TcpState;
using namespace tcp_flag;

class SegmentFollowerTest : public ::testing::Test {
  protected:
    // One segment of the client or of the server, seen at both hosts.
    void client_sends(int64_t at, uint8_t flags, uint32_t sequence, uint32_t acknowledgment, uint32_t length = 0) {
        pass(at, "client", "server", segment(kClient, kServer, flags, sequence, acknowledgment, length));
    }
    void server_sends(int64_t at, uint8_t flags, uint32_t sequence, uint32_t acknowledgment, uint32_t length = 0) {
        pass(at, "server", "client", segment(kServer, kClient, flags, sequence, acknowledgment, length));
    }
    void pass(int64_t at, const std::string& from, const std::string& to, const TcpSegment& made) {
        follower_.follow({from, from + "0", Direction::sent, made}, ms(at));
        if (!lost_) follower_.follow({to, to + "0", Direction::arrived, made}, ms(at));
    }
    void three_way(int64_t at = 1) {
        client_sends(at, kSyn, 100, 0);
        server_sends(at + 1, kSyn | kAck, 500, 101);
        client_sends(at + 2, kAck, 101, 501);
    }
    Connection client_end() const { return {"client", kClient, kServer}; }
    Connection server_end() const { return {"server", kServer, kClient}; }
    static TableEntry entry(TcpState state, bool mini = false, std::optional<Duration> timer = std::nullopt) {
        TableEntry made;
        made.state = state;
        made.mini_socket = mini;
        made.timer = timer;
        return made;
    }
    void answer(int64_t at, const Connection& connection, const std::optional<TableEntry>& entry) {
        follower_.answer(connection, entry, ms(at));
    }
    int client() { return *histories_.find(client_end()); }
    int server() { return *histories_.find(server_end()); }

    SocketHistories histories_;
    SegmentFollower follower_{histories_};
    Lines lines_{histories_};
    bool lost_ = false;
};

TEST_F(SegmentFollowerTest, WhatWasPassedBetweenTwoLooksIsInferred) {
    three_way();
    ASSERT_EQ(follower_.questions(ms(4)), (std::vector<Connection>{client_end(), server_end()}));
    answer(4, client_end(), entry(established));
    answer(4, server_end(), entry(established));
    EXPECT_TRUE(follower_.questions(ms(4)).empty());
    EXPECT_EQ(lines_.states(client()), "SYN_SENT(inferred) ESTABLISHED");
    EXPECT_EQ(lines_.states(server()), "SYN_RCVD(inferred) ESTABLISHED");
    EXPECT_EQ(lines_.entered(server(), syn_rcvd), ms(1));
    EXPECT_EQ(lines_.entered(client(), established), ms(2));
}

TEST_F(SegmentFollowerTest, SynAckOfWhatWasNeverSentOpensNothing) {
    client_sends(1, kSyn, 100, 0);
    server_sends(2, kSyn | kAck, 1000, 102);
    client_sends(3, kRst, 102, 0);
    server_sends(4, kRst | kAck, 0, 102);
    answer(5, client_end(), entry(syn_sent));
    EXPECT_EQ(lines_.states(client()), "SYN_SENT");
    server_sends(6, kSyn | kAck, 500, 101);
    answer(7, client_end(), entry(established));
    EXPECT_EQ(lines_.states(client()), "SYN_SENT ESTABLISHED");
}

TEST_F(SegmentFollowerTest, StateThatTheKernelContradictsIsNotTold) {
    three_way();
    answer(4, client_end(), entry(established));
    answer(4, server_end(), entry(syn_rcvd));  // the accept queue was full
    EXPECT_EQ(lines_.states(server()), "SYN_RCVD");
    ASSERT_TRUE(follower_.next_look());
    for (int i = 0; i < 20; ++i) answer(5 + i, server_end(), entry(syn_rcvd));
    answer(30, server_end(), entry(syn_rcvd));
    EXPECT_EQ(lines_.states(server()), "SYN_RCVD");
}

TEST_F(SegmentFollowerTest, AnswerThatComesTooEarlyIsAskedForAgain) {
    three_way();
    answer(4, server_end(), entry(syn_rcvd));
    answer(6, server_end(), entry(established));
    EXPECT_EQ(lines_.states(server()), "SYN_RCVD ESTABLISHED");
    EXPECT_EQ(lines_.entered(server(), established), ms(3));
}

class OpenConnectionTest : public SegmentFollowerTest {
  protected:
    void SetUp() override {
        three_way();
        answer(4, client_end(), entry(established));
        answer(4, server_end(), entry(established));
        client_ = client();
        server_ = server();
    }
    std::string client_line() { return after(lines_.states(client_), "SYN_SENT(inferred) ESTABLISHED"); }
    std::string server_line() { return after(lines_.states(server_), "SYN_RCVD(inferred) ESTABLISHED"); }
    static std::string after(const std::string& line, const std::string& begin) {
        EXPECT_EQ(line.substr(0, begin.size()), begin);
        return line.size() > begin.size() ? line.substr(begin.size() + 1) : "";
    }

    int client_ = 0;
    int server_ = 0;
};

TEST_F(OpenConnectionTest, FourWayCloseInOneBatch) {
    client_sends(10, kFin | kAck, 101, 501);
    server_sends(11, kAck, 501, 102);
    server_sends(12, kFin | kAck, 501, 102);
    client_sends(13, kAck, 102, 502);
    answer(14, client_end(), entry(time_wait, true, std::chrono::seconds(60)));
    answer(14, server_end(), std::nullopt);
    EXPECT_EQ(client_line(), "FIN_WAIT_1(inferred) FIN_WAIT_2(inferred) TIME_WAIT");
    EXPECT_EQ(server_line(), "CLOSE_WAIT(inferred) LAST_ACK(inferred) CLOSED");
    EXPECT_EQ(lines_.entered(server_, closed), ms(13));
}

// One segment: Linux sets FIN_WAIT_2 and then TIME_WAIT while it handles it.
TEST_F(OpenConnectionTest, FinAndAckTogether) {
    client_sends(10, kFin | kAck, 101, 501);
    server_sends(12, kFin | kAck, 501, 102);
    client_sends(13, kAck, 102, 502);
    answer(14, client_end(), entry(time_wait, true, std::chrono::seconds(60)));
    EXPECT_EQ(client_line(), "FIN_WAIT_1(inferred) FIN_WAIT_2(inferred) TIME_WAIT");
}

TEST_F(OpenConnectionTest, SimultaneousCloseHasNoFinWait2) {
    const TcpSegment one = segment(kClient, kServer, kFin | kAck, 101, 501);
    const TcpSegment other = segment(kServer, kClient, kFin | kAck, 501, 101);
    follower_.follow({"client", "client0", Direction::sent, one}, ms(10));
    follower_.follow({"server", "server0", Direction::sent, other}, ms(10));
    follower_.follow({"server", "server0", Direction::arrived, one}, ms(11));
    follower_.follow({"client", "client0", Direction::arrived, other}, ms(11));
    client_sends(12, kAck, 102, 502);
    server_sends(12, kAck, 502, 102);
    answer(14, client_end(), entry(time_wait, true, std::chrono::seconds(60)));
    answer(14, server_end(), entry(time_wait, true, std::chrono::seconds(60)));
    EXPECT_EQ(client_line(), "FIN_WAIT_1(inferred) CLOSING(inferred) TIME_WAIT");
    EXPECT_EQ(server_line(), "FIN_WAIT_1(inferred) CLOSING(inferred) TIME_WAIT");
}

// A FIN beyond a gap is not there yet.
TEST_F(OpenConnectionTest, FinBehindLostDataWaits) {
    lost_ = true;
    client_sends(10, kAck | kPsh, 101, 501, 10);
    lost_ = false;
    client_sends(11, kFin | kAck, 111, 501);
    answer(12, server_end(), entry(established));
    EXPECT_EQ(server_line(), "");
    client_sends(13, kAck | kPsh, 101, 501, 10);
    answer(14, server_end(), entry(close_wait));
    EXPECT_EQ(server_line(), "CLOSE_WAIT");
    EXPECT_EQ(lines_.entered(server_, close_wait), ms(13));
}

TEST_F(OpenConnectionTest, ResetEndsBothEnds) {
    client_sends(10, kRst | kAck, 101, 501);
    answer(11, client_end(), std::nullopt);
    answer(11, server_end(), std::nullopt);
    EXPECT_EQ(client_line(), "CLOSED");
    EXPECT_EQ(server_line(), "CLOSED");
}

TEST_F(OpenConnectionTest, ResetOutsideTheExpectedPlaceEndsNothing) {
    pass(10, "client", "server", segment(kClient, kServer, kRst, 5000, 0));
    answer(11, server_end(), entry(established));
    EXPECT_EQ(server_line(), "");
}

TEST_F(OpenConnectionTest, SegmentWithABadChecksumNeverArrived) {
    TcpSegment corrupt = segment(kClient, kServer, kFin | kAck, 101, 501);
    corrupt.checksum_good = false;
    follower_.follow({"server", "server0", Direction::arrived, corrupt}, ms(10));
    answer(11, server_end(), entry(established));
    EXPECT_EQ(server_line(), "");
}

// Above tcp_max_tw_buckets there is no TIME_WAIT, and nobody saw one.
TEST_F(OpenConnectionTest, TimeWaitThatNobodySawIsNotInferred) {
    client_sends(10, kFin | kAck, 101, 501);
    server_sends(11, kAck, 501, 102);
    server_sends(12, kFin | kAck, 501, 102);
    answer(14, client_end(), std::nullopt);
    answer(16, client_end(), std::nullopt);
    EXPECT_EQ(client_line(), "FIN_WAIT_1(inferred) FIN_WAIT_2(inferred) CLOSED");
    EXPECT_EQ(lines_.entered(client_, closed), ms(12));
}

TEST_F(OpenConnectionTest, OneMissIsNotTheEnd) {
    answer(10, client_end(), std::nullopt);
    EXPECT_EQ(client_line(), "");
    ASSERT_TRUE(follower_.next_look());
    answer(11, client_end(), entry(established));
    EXPECT_EQ(client_line(), "");
    answer(12, client_end(), std::nullopt);
    answer(14, client_end(), std::nullopt);
    EXPECT_EQ(client_line(), "CLOSED");
}

class TimeWaitTest : public OpenConnectionTest {
  protected:
    void SetUp() override {
        OpenConnectionTest::SetUp();
        client_sends(10, kFin | kAck, 101, 501);
        server_sends(11, kFin | kAck, 501, 102);
        client_sends(12, kAck, 102, 502);
        answer(13, client_end(), entry(time_wait, true, ms(60000)));
        answer(13, server_end(), std::nullopt);
    }
    static constexpr const char* kSoFar = "FIN_WAIT_1(inferred) FIN_WAIT_2(inferred) TIME_WAIT";
};

TEST_F(TimeWaitTest, ItsTimeTellsOfARestart) {
    server_sends(500, kFin | kAck, 501, 102);
    answer(501, client_end(), entry(time_wait, true, ms(59999)));
    EXPECT_EQ(client_line(), std::string(kSoFar) + " restart");
    answer(1000, client_end(), entry(time_wait, true, ms(59501)));
    EXPECT_EQ(client_line(), std::string(kSoFar) + " restart");
}

TEST_F(TimeWaitTest, ItsTimerEndsIt) {
    ASSERT_TRUE(follower_.next_look());
    EXPECT_EQ(*follower_.next_look(), ms(60013));
    EXPECT_EQ(follower_.questions(ms(60013)), std::vector<Connection>{client_end()});
    answer(60013, client_end(), entry(time_wait, true, ms(0)));
    EXPECT_GT(*follower_.next_look(), ms(60013));
    answer(62000, client_end(), std::nullopt);
    answer(62002, client_end(), std::nullopt);
    EXPECT_EQ(client_line(), std::string(kSoFar) + " CLOSED(timer)");
}

TEST_F(TimeWaitTest, EndBeforeItsTimeIsNoTimer) {
    answer(2000, client_end(), std::nullopt);
    answer(2002, client_end(), std::nullopt);
    EXPECT_EQ(client_line(), std::string(kSoFar) + " CLOSED(descheduled)");
}

TEST_F(TimeWaitTest, NewSynBeginsAnotherSocket) {
    client_sends(1000, kSyn, 9000, 0);
    server_sends(1001, kSyn | kAck, 7000, 9001);
    client_sends(1002, kAck, 9001, 7001);
    answer(1003, client_end(), entry(established));
    EXPECT_EQ(client_line(), std::string(kSoFar) + " CLOSED(inferred)(descheduled)");
    EXPECT_NE(client(), client_);
    EXPECT_EQ(lines_.states(client()), "SYN_SENT(inferred) ESTABLISHED");
}

TEST_F(SegmentFollowerTest, RefusedConnectIsTheSocketThatItsProgramNames) {
    const int named = histories_.learn("client", "client", "c", 7, std::nullopt, std::nullopt);
    client_sends(1, kSyn, 100, 0);
    server_sends(2, kRst | kAck, 0, 101);
    answer(3, client_end(), std::nullopt);
    EXPECT_EQ(lines_.states(named), "");
    histories_.learn("client", "client", "c", 7, SocketAddress{IpAddress{}, kClient.port}, std::nullopt);
    answer(4, client_end(), std::nullopt);
    EXPECT_EQ(lines_.states(named), "SYN_SENT(inferred) CLOSED");
    EXPECT_EQ(histories_.size(), 1);
}

TEST_F(SegmentFollowerTest, RefusedConnectThatNobodyNamesIsToldAfterAWhile) {
    histories_.learn("client", "client", "c", 7, std::nullopt, std::nullopt);
    client_sends(1, kSyn, 100, 0);
    server_sends(2, kRst | kAck, 0, 101);
    answer(3, client_end(), std::nullopt);
    EXPECT_EQ(histories_.size(), 1);
    answer(600, client_end(), std::nullopt);
    ASSERT_EQ(histories_.size(), 2);
    EXPECT_EQ(lines_.states(1), "SYN_SENT(inferred) CLOSED");
}

TEST_F(SegmentFollowerTest, RstOfAClosedPortIsNoSocket) {
    client_sends(1, kSyn, 100, 0);
    server_sends(2, kRst | kAck, 0, 101);
    EXPECT_EQ(follower_.questions(ms(3)), std::vector<Connection>{client_end()});
}

TEST_F(SegmentFollowerTest, SynCookieKeepsNoRequest) {
    client_sends(1, kSyn, 100, 0);
    server_sends(2, kSyn | kAck, 500, 101);
    answer(3, server_end(), std::nullopt);
    client_sends(4, kAck, 101, 501);
    answer(5, server_end(), entry(established));
    EXPECT_EQ(lines_.states(server()), "ESTABLISHED");
}

TEST_F(SegmentFollowerTest, ListenersComeAndGo) {
    TableEntry listener = entry(listen);
    listener.local = kServer;
    listener.cookie = 5;
    follower_.answer_all("server", {listener}, ms(1));
    EXPECT_EQ(lines_.states(0), "LISTEN");
    follower_.answer_all("server", {listener}, ms(2));
    follower_.answer_all("server", {}, ms(3));
    EXPECT_EQ(lines_.states(0), "LISTEN CLOSED");
    EXPECT_EQ(histories_.size(), 1);
}

TEST_F(SegmentFollowerTest, SimultaneousOpen) {
    const TcpSegment one = segment(kClient, kServer, kSyn, 100, 0);
    const TcpSegment other = segment(kServer, kClient, kSyn, 500, 0);
    follower_.follow({"client", "client0", Direction::sent, one}, ms(1));
    follower_.follow({"server", "server0", Direction::sent, other}, ms(1));
    follower_.follow({"server", "server0", Direction::arrived, one}, ms(2));
    follower_.follow({"client", "client0", Direction::arrived, other}, ms(2));
    client_sends(3, kSyn | kAck, 100, 501);
    server_sends(3, kSyn | kAck, 500, 101);
    client_sends(4, kAck, 101, 501);
    server_sends(4, kAck, 501, 101);
    answer(5, client_end(), entry(established));
    EXPECT_EQ(lines_.states(client()), "SYN_SENT(inferred) SYN_RCVD(inferred) ESTABLISHED");
}

}  // namespace
}  // namespace tcpwitness
