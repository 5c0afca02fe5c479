// Socket options on real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "base/socket_names.hh"
#include "private_network.hh"
#include "test_actor.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

class TcpActorOptionTest : public testing::Test {
  protected:
    TcpActorOptionTest() { actor_.call("socket", {}, "c"); }
    std::string set(const char* level, const char* option, Value value) {
        const CallReply reply =
            actor_.call("setsockopt", {socket_value("c"), symbol(level), symbol(option), std::move(value)});
        return reply.refused.empty() ? std::to_string(reply.error_number) : reply.refused;
    }
    std::string get(const char* level, const char* option) {
        const CallReply reply = actor_.call("getsockopt", {socket_value("c"), symbol(level), symbol(option)});
        return reply.result == 0 ? reply.output : std::to_string(reply.error_number);
    }

    NothingLeft nothing_left_;
    PrivateNetwork network_;
    boost::asio::io_context context_;
    TestActor actor_{context_, tcp_actor_options("client")};
};

TEST_F(TcpActorOptionTest, TheKernelKeepsWhatIsSet) {
    EXPECT_EQ(get("SOL_SOCKET", "SO_REUSEADDR"), "0");
    EXPECT_EQ(set("SOL_SOCKET", "SO_REUSEADDR", integer(1)), "0");
    EXPECT_EQ(get("SOL_SOCKET", "SO_REUSEADDR"), "1");
    EXPECT_EQ(set("SOL_SOCKET", "SO_LINGER", list({symbol("on"), duration(2s)})), "0");
    EXPECT_EQ(get("SOL_SOCKET", "SO_LINGER"), "{on, 2s}");
    EXPECT_EQ(set("SOL_SOCKET", "SO_RCVTIMEO", duration(1500ms)), "0");
    EXPECT_EQ(get("SOL_SOCKET", "SO_RCVTIMEO"), "1.5s");
    EXPECT_EQ(set("IPPROTO_TCP", "TCP_CONGESTION", text("reno")), "0");
    EXPECT_EQ(get("SOL_TCP", "TCP_CONGESTION"), "reno");
    EXPECT_EQ(set("IPPROTO_TCP", "TCP_USER_TIMEOUT", duration(5s)), "0");
    EXPECT_EQ(get("IPPROTO_TCP", "TCP_USER_TIMEOUT"), "5000");
    EXPECT_EQ(set("IPPROTO_IP", "IP_TTL", integer(3)), "0");
    EXPECT_EQ(get("IPPROTO_IP", "IP_TTL"), "3");
    EXPECT_EQ(set("SOL_SOCKET", "SO_MAX_PACING_RATE", integer(1LL << 40)), "0");
    EXPECT_EQ(get("SOL_SOCKET", "SO_MAX_PACING_RATE"), "1099511627776");
    EXPECT_EQ(get("SOL_SOCKET", "SO_DOMAIN"), "2");
    EXPECT_EQ(get("SOL_SOCKET", "SO_ERROR"), "0");
}

TEST_F(TcpActorOptionTest, AFilterIsAListOfItsInstructions) {
    const Value filter = list({list({integer(6), integer(0), integer(0), integer(65535)})});
    const std::string error = set("SOL_SOCKET", "SO_ATTACH_FILTER", filter);
    if (!is_real_root() && error == std::to_string(EPERM)) GTEST_SKIP() << "this kernel gives users no filters";
    EXPECT_EQ(error, "0");
    EXPECT_EQ(get("SOL_SOCKET", "SO_GET_FILTER"), "{{6, 0, 0, 65535}}");
}

TEST_F(TcpActorOptionTest, APortRangeBoundsTheSearchOfConnect) {
    const std::string set_error = set("IPPROTO_IP", "IP_LOCAL_PORT_RANGE", list({integer(40000), integer(40000)}));
    if (set_error == std::to_string(ENOPROTOOPT)) GTEST_SKIP() << "IP_LOCAL_PORT_RANGE came with Linux 6.3";
    EXPECT_EQ(set_error, "0");
    EXPECT_EQ(get("IPPROTO_IP", "IP_LOCAL_PORT_RANGE"), "{40000, 40000}");
    actor_.call("bind", {socket_value("c"), address("127.0.0.1:0")});
    EXPECT_EQ(actor_.call("getsockname", {socket_value("c")}).output, "127.0.0.1:40000");
}

TEST_F(TcpActorOptionTest, WhatTheKernelRefusesIsAResult) {
    EXPECT_EQ(set("IPPROTO_TCP", "TCP_CONGESTION", text("no-such")), std::to_string(ENOENT));
    EXPECT_EQ(set("SOL_SOCKET", "SO_ERROR", integer(0)), std::to_string(ENOPROTOOPT));
    EXPECT_EQ(get("IPPROTO_IP", "IP_MTU"), std::to_string(ENOTCONN));
    EXPECT_EQ(set("IPPROTO_TCP", "TCP_KEEPIDLE", integer(0)), std::to_string(EINVAL));
}

TEST_F(TcpActorOptionTest, TcpInfoIsReadWholeOrByField) {
    const std::string whole = get("IPPROTO_TCP", "TCP_INFO");
    EXPECT_TRUE(whole.starts_with("state=7 ca_state=0 ")) << whole;
    CallReply reply =
        actor_.call("getsockopt", {socket_value("c"), symbol("IPPROTO_TCP"), symbol("TCP_INFO"), symbol("state")});
    EXPECT_EQ(reply.output, "7");
    reply = actor_.call("getsockopt", {socket_value("c"), symbol("IPPROTO_TCP"), symbol("TCP_INFO"), symbol("speed")});
    EXPECT_EQ(reply.refused, "this kernel's tcp_info has no field speed");
}

TEST_F(TcpActorOptionTest, AnOptionMayBeANumber) {
    EXPECT_EQ(actor_.call("setsockopt", {socket_value("c"), integer(1), integer(2), integer(1)}).result, 0);
    EXPECT_EQ(get("SOL_SOCKET", "SO_REUSEADDR"), "1");
    EXPECT_EQ(actor_.call("getsockopt", {socket_value("c"), integer(1), integer(2)}).output, "1");
}

// Every option of the table can be asked for: the answer is the kernel's, whatever it is, and never a refusal.
TEST_F(TcpActorOptionTest, EveryOptionCanBeRead) {
    int answered = 0;
    for (const SocketOption& option : socket_options()) {
        const std::vector<Value> arguments{socket_value("c"), symbol(std::string(option.level_name)),
                                           symbol(std::string(option.name))};
        const CallReply reply = actor_.call("getsockopt", arguments);
        EXPECT_EQ(reply.refused, "") << option.name;
        answered += reply.result == 0 ? 1 : 0;
    }
    EXPECT_GT(answered, 90);
}

// SO_PEERNAME gives nothing where there is more room than the address takes.
TEST_F(TcpActorOptionTest, ThePeersNameIsAnOption) {
    EXPECT_EQ(get("SOL_SOCKET", "SO_PEERNAME"), std::to_string(ENOTCONN));
    actor_.call("socket", {}, "l");
    actor_.call("bind", {socket_value("l"), address("127.0.0.1:7201")});
    actor_.call("listen", {socket_value("l"), integer(1)});
    actor_.call("connect", {socket_value("c"), address("127.0.0.1:7201")});
    EXPECT_EQ(get("SOL_SOCKET", "SO_PEERNAME"), "127.0.0.1:7201");
    actor_.call("close", {socket_value("c")});
    actor_.call("socket", {symbol("AF_INET6")}, "c");
    EXPECT_EQ(get("SOL_SOCKET", "SO_PEERNAME"), std::to_string(ENOTCONN));
    actor_.call("connect", {socket_value("c"), address("[::ffff:127.0.0.1]:7201")});
    EXPECT_EQ(get("SOL_SOCKET", "SO_PEERNAME"), "[::ffff:127.0.0.1]:7201");
}

// A receive timeout ends a blocking recv with EAGAIN (socket(7)).
TEST_F(TcpActorOptionTest, AReceiveTimeoutEndsARecv) {
    actor_.call("socket", {}, "l");
    actor_.call("bind", {socket_value("l"), address("127.0.0.1:7200")});
    actor_.call("listen", {socket_value("l"), integer(1)});
    actor_.call("connect", {socket_value("c"), address("127.0.0.1:7200")});
    EXPECT_EQ(set("SOL_SOCKET", "SO_RCVTIMEO", duration(20ms)), "0");
    const CallReply reply = actor_.call("recv", {socket_value("c")});
    EXPECT_EQ(reply.error_number, EAGAIN);
    EXPECT_GE(reply.ended - reply.began, 19ms);
}

}  // namespace
}  // namespace tcpwitness
