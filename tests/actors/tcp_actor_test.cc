// tcp_actor's calls about connections, made on loopback in the test's own network namespace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>

#include "private_network.hh"
#include "test_actor.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TcpActorTest : public testing::TestWithParam<const char*> {
  protected:
    std::string host() const { return std::string(GetParam()) == "ipv4" ? "127.0.0.1" : "[::1]"; }
    Value server_address() const { return address(host() + ":7000"); }
    Value family() const { return symbol(GetParam()); }

    // server: l listens; with a connection, client c and server s.
    void listen() {
        ASSERT_GE(server_.call("socket", {family()}, "l").result, 0);
        ASSERT_EQ(server_.call("bind", {socket_value("l"), server_address()}).error_number, 0);
        ASSERT_EQ(server_.call("listen", {socket_value("l"), integer(8)}).result, 0);
    }
    void connect() {
        listen();
        ASSERT_GE(client_.call("socket", {family()}, "c").result, 0);
        ASSERT_EQ(client_.call("connect", {socket_value("c"), server_address()}).error_number, 0);
        ASSERT_GE(server_.call("accept", {socket_value("l")}, "s").result, 0);
    }

    NothingLeft nothing_left_;
    PrivateNetwork network_;
    boost::asio::io_context context_;
    TestActor client_{context_, tcp_actor_options("client")};
    TestActor server_{context_, tcp_actor_options("server")};
};

INSTANTIATE_TEST_SUITE_P(Family, TcpActorTest, testing::Values("ipv4", "ipv6"));

TEST_P(TcpActorTest, AWholeConnection) {
    connect();
    CallReply reply = server_.call("getpeername", {socket_value("s")});
    const std::string client_address = reply.output;
    EXPECT_EQ(client_.call("getsockname", {socket_value("c")}).output, client_address);
    EXPECT_EQ(to_string(*reply.socket->local), host() + ":7000");
    EXPECT_EQ(to_string(*reply.socket->remote), client_address);
    EXPECT_NE(reply.socket->cookie, 0U);
    EXPECT_LE(reply.began, reply.ended);

    reply = client_.call("send", {socket_value("c"), integer(1000)});
    EXPECT_EQ(reply.result, 1000);
    EXPECT_EQ(reply.bytes, 1000);
    reply = server_.call("recv", {socket_value("s")});
    EXPECT_EQ(reply.result, 1000);
    EXPECT_EQ(reply.bytes, 1000);
    EXPECT_FALSE(reply.wrong_byte) << *reply.wrong_byte;

    EXPECT_EQ(client_.call("shutdown", {socket_value("c"), symbol("SHUT_WR")}).result, 0);
    EXPECT_EQ(server_.call("recv", {socket_value("s")}).result, 0);
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(1)}).error_number, EPIPE);
    EXPECT_EQ(server_.call("send", {socket_value("s"), integer(50000)}).result, 50000);
    EXPECT_EQ(server_.call("close", {socket_value("s")}).result, 0);
    reply = client_.call("recv", {socket_value("c"), symbol("all")});
    EXPECT_EQ(reply.result, 50000);
    EXPECT_FALSE(reply.wrong_byte);
    EXPECT_EQ(client_.call("close", {socket_value("c")}).result, 0);
    EXPECT_EQ(client_.call("close", {socket_value("c")}).error_number, EBADF);
    EXPECT_EQ(client_.call("exit", {}).result, 0);
    EXPECT_EQ(client_.exit().exit_status, 0);
}

TEST_P(TcpActorTest, CookiesTellSocketsApartAndAreStable) {
    connect();
    const uint64_t listener = server_.call("getsockname", {socket_value("l")}).socket->cookie;
    const uint64_t accepted = server_.call("getsockname", {socket_value("s")}).socket->cookie;
    EXPECT_NE(listener, accepted);
    EXPECT_EQ(server_.call("getsockname", {socket_value("s")}).socket->cookie, accepted);
    EXPECT_EQ(server_.call("close", {socket_value("s")}).socket->cookie, accepted);
}

TEST_P(TcpActorTest, ErrorsOfTheKernelAreResults) {
    listen();
    client_.call("socket", {family()}, "c");
    const CallReply reply = client_.call("bind", {socket_value("c"), server_address()});
    EXPECT_EQ(reply.result, -1);
    EXPECT_EQ(reply.error_number, EADDRINUSE);
    EXPECT_EQ(reply.refused, "");
    EXPECT_EQ(client_.call("connect", {socket_value("c"), address(host() + ":7001")}).error_number, ECONNREFUSED);
    EXPECT_EQ(client_.call("getpeername", {socket_value("c")}).error_number, ENOTCONN);
    EXPECT_EQ(client_.call("listen", {socket_value("c"), integer(1)}).result, 0);
}

TEST_P(TcpActorTest, ANonBlockingConnectAndItsPolls) {
    listen();
    client_.call("socket", {family(), symbol("SOCK_STREAM|SOCK_NONBLOCK")}, "c");
    const CallReply begun = client_.call("connect", {socket_value("c"), server_address()});
    EXPECT_EQ(begun.error_number, EINPROGRESS);
    EXPECT_EQ(to_string(*begun.socket->remote), host() + ":7000");
    CallReply reply = client_.call("poll", {socket_value("c"), symbol("POLLIN|POLLOUT"), duration(5s)});
    EXPECT_EQ(reply.result, 1);
    EXPECT_EQ(reply.output, "POLLOUT");
    EXPECT_EQ(client_.call("getsockopt", {socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_ERROR")}).output, "0");
    EXPECT_EQ(client_.call("recv", {socket_value("c")}).error_number, EAGAIN);
    reply = client_.call("poll", {socket_value("c"), symbol("POLLIN"), integer(0)});
    EXPECT_EQ(reply.result, 0);
    EXPECT_EQ(reply.output, "0");
    server_.call("accept", {socket_value("l"), symbol("SOCK_NONBLOCK")}, "s");
    EXPECT_EQ(server_.call("recv", {socket_value("s")}).error_number, EAGAIN);
    server_.call("close", {socket_value("s")});
    reply = client_.call("poll", {socket_value("c"), symbol("POLLIN|POLLRDHUP")});
    EXPECT_EQ(reply.output, "POLLIN|POLLRDHUP");
    client_.call("shutdown", {socket_value("c"), symbol("SHUT_WR")});
    reply = client_.call("poll", {socket_value("c"), symbol("POLLIN"), duration(5s)});
    EXPECT_EQ(reply.output, "POLLIN|POLLHUP");
}

TEST_P(TcpActorTest, ARefusedNonBlockingConnectIsSeenInSoError) {
    client_.call("socket", {family(), symbol("SOCK_NONBLOCK")}, "c");
    EXPECT_EQ(client_.call("connect", {socket_value("c"), server_address()}).error_number, EINPROGRESS);
    EXPECT_EQ(client_.call("poll", {socket_value("c"), symbol("POLLOUT")}).output, "POLLOUT|POLLERR|POLLHUP");
    const std::vector<Value> error{socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_ERROR")};
    EXPECT_EQ(client_.call("getsockopt", error).output, "ECONNREFUSED");
    EXPECT_EQ(client_.call("getsockopt", error).output, "0");
}

TEST_P(TcpActorTest, LingerOfZeroResets) {
    connect();
    EXPECT_EQ(client_
                  .call("setsockopt", {socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_LINGER"),
                                       list({symbol("on"), duration(0s)})})
                  .result,
              0);
    EXPECT_EQ(client_.call("getsockopt", {socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_LINGER")}).output,
              "{on, 0s}");
    client_.call("close", {socket_value("c")});
    EXPECT_EQ(server_.call("recv", {socket_value("s")}).error_number, ECONNRESET);
    EXPECT_EQ(server_.call("send", {socket_value("s"), integer(1)}).error_number, EPIPE);
}

TEST_P(TcpActorTest, ABlockingCallDoesNotStopTheOthers) {
    listen();
    const uint64_t accepting = server_.begin("accept", {socket_value("l")}, "s");
    EXPECT_EQ(server_.call("getsockname", {socket_value("l")}).output, host() + ":7000");
    EXPECT_FALSE(server_.has_replied(accepting));
    client_.call("socket", {family()}, "c");
    client_.call("connect", {socket_value("c"), server_address()});
    const CallReply accepted = server_.reply_to(accepting);
    EXPECT_EQ(accepted.output, client_.call("getsockname", {socket_value("c")}).output);
    EXPECT_EQ(accepted.socket->name, "s");

    const uint64_t receiving = server_.begin("recv", {socket_value("s")});
    EXPECT_EQ(server_.call("close", {socket_value("s")}).result, 0);
    EXPECT_FALSE(server_.has_replied(receiving));  // the call keeps the socket open: no FIN yet
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(10)}).result, 10);
    const CallReply received = server_.reply_to(receiving);
    EXPECT_EQ(received.result, 10);
    EXPECT_FALSE(received.wrong_byte);
    EXPECT_EQ(client_.call("recv", {socket_value("c")}).result, 0);
}

TEST_P(TcpActorTest, ShutdownWakesABlockedRecv) {
    connect();
    const uint64_t receiving = server_.begin("recv", {socket_value("s")});
    EXPECT_EQ(server_.call("shutdown", {socket_value("s"), symbol("SHUT_RD")}).result, 0);
    EXPECT_EQ(server_.reply_to(receiving).result, 0);
}

TEST_P(TcpActorTest, WhatCannotBeCalledIsRefusedWithItsReason) {
    connect();
    const auto refused = [&](const std::string& function, std::vector<Value> arguments, const std::string& makes = "") {
        const CallReply reply = client_.call(function, std::move(arguments), makes);
        EXPECT_EQ(reply.result, -1);
        EXPECT_EQ(reply.error_number, 0);
        return reply.refused;
    };
    EXPECT_EQ(refused("fly", {}), "tcp_actor knows no call 'fly'");
    EXPECT_EQ(refused("close", {socket_value("x")}), "there is no socket 'x'");
    EXPECT_EQ(refused("setsockopt", {socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_REUSEADR"), integer(1)}),
              "unknown socket option SO_REUSEADR");
    EXPECT_EQ(refused("setsockopt", {socket_value("c"), symbol("SOL_SOCKET"), symbol("SO_LINGER"), integer(1)}),
              "SO_LINGER takes {on, 2s} or {off, 0s}, not 1");
    EXPECT_EQ(refused("socket", {family()}, "c"), "the socket 'c' is still open");
    EXPECT_EQ(refused("socket", {family()}), "the new socket has no name");
    EXPECT_EQ(refused("bind", {socket_value("c")}), "bind: the address is missing");
    EXPECT_EQ(refused("bind", {socket_value("c"), integer(7)}), "bind: 7 is no address");
    EXPECT_EQ(refused("send", {socket_value("c"), integer(1), symbol("MSG_NONE")}), "unknown flag 'MSG_NONE'");
    EXPECT_EQ(refused("send", {socket_value("c"), integer(-1)}), "send: -1 bytes are not between 0 and 67108864");
    EXPECT_EQ(refused("close", {socket_value("c"), integer(1)}), "close takes 1 arguments, not 2");
    EXPECT_THAT(refused("listen", {socket_value("c"), integer(1LL << 40)}), HasSubstr("does not fit an int"));
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(1)}).result, 1);  // and it goes on
}

TEST_P(TcpActorTest, ANameIsFreeAgainOnceItsSocketIsClosed) {
    EXPECT_GE(client_.call("socket", {family()}, "c").result, 0);
    EXPECT_EQ(client_.call("close", {socket_value("c")}).result, 0);
    EXPECT_GE(client_.call("socket", {family()}, "c").result, 0);
    EXPECT_EQ(client_.call("bind", {socket_value("c"), server_address()}).error_number, 0);
}

TEST_P(TcpActorTest, DisconnectsWithAfUnspec) {
    connect();
    EXPECT_EQ(client_.call("connect", {socket_value("c"), symbol("AF_UNSPEC")}).result, 0);
    EXPECT_EQ(client_.call("getpeername", {socket_value("c")}).error_number, ENOTCONN);
    EXPECT_EQ(server_.call("recv", {socket_value("s")}).error_number, ECONNRESET);
}

TEST_P(TcpActorTest, FcntlAndIoctl) {
    connect();
    EXPECT_EQ(server_.call("fcntl", {socket_value("s"), symbol("F_SETFL"), symbol("O_NONBLOCK")}).result, 0);
    EXPECT_EQ(server_.call("recv", {socket_value("s")}).error_number, EAGAIN);
    client_.call("send", {socket_value("c"), integer(77)});
    server_.call("poll", {socket_value("s"), symbol("POLLIN"), duration(5s)});
    EXPECT_EQ(server_.call("ioctl", {socket_value("s"), symbol("SIOCINQ")}).output, "77");
    EXPECT_EQ(client_.call("ioctl", {socket_value("c"), symbol("SIOCOUTQ")}).result, 0);
}

}  // namespace
}  // namespace tcpwitness
