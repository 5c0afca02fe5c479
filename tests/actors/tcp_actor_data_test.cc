// The pattern that tcp_actors send and check, on real sockets: what is right is let pass and what is wrong is noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <thread>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "private_network.hh"
#include "test_actor.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

const std::string kServer = "127.0.0.1:7100";

// A plain socket of the test itself, which sends what it is told.
FileDescriptor connected_socket() {
    FileDescriptor socket(check_system(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", "AF_INET"));
    sockaddr_storage storage{};
    const socklen_t length = SocketAddress::parse(kServer)->to_kernel(storage);
    check_system(::connect(socket.get(), reinterpret_cast<sockaddr*>(&storage), length), "connect", kServer);
    return socket;
}

class TcpActorDataTest : public testing::Test {
  protected:
    TcpActorDataTest() {
        server_.call("socket", {}, "l");
        server_.call("setsockopt", {socket_value("l"), symbol("SOL_SOCKET"), symbol("SO_REUSEADDR"), integer(1)});
        server_.call("bind", {socket_value("l"), address(kServer)});
        server_.call("listen", {socket_value("l"), integer(8)});
    }
    void connect() {
        client_.call("socket", {}, "c");
        client_.call("connect", {socket_value("c"), address(kServer)});
        server_.call("accept", {socket_value("l")}, "s");
    }
    // Waits until that many bytes can be read.
    void await_bytes(int64_t count) {
        const std::vector<Value> arguments{socket_value("s"), integer(count), symbol("MSG_PEEK|MSG_WAITALL")};
        ASSERT_EQ(server_.call("recv", arguments).result, count);
    }

    NothingLeft nothing_left_;
    PrivateNetwork network_;
    boost::asio::io_context context_;
    TestActor client_{context_, tcp_actor_options("client")};
    TestActor server_{context_, tcp_actor_options("server")};
};

TEST_F(TcpActorDataTest, ManyBytesInBothDirectionsInOddPieces) {
    connect();
    int64_t sent = 0;
    const uint64_t receiving = server_.begin("recv", {socket_value("s"), symbol("all")});
    for (int64_t size = 1; size < 300000; size = size * 3 + 1) {
        EXPECT_EQ(client_.call("send", {socket_value("c"), integer(size)}).result, size);
        sent += size;
    }
    client_.call("shutdown", {socket_value("c"), symbol("SHUT_WR")});
    CallReply reply = server_.reply_to(receiving);
    EXPECT_EQ(reply.result, sent);
    EXPECT_EQ(reply.bytes, sent);
    EXPECT_FALSE(reply.wrong_byte);

    EXPECT_EQ(server_.call("write", {socket_value("s"), integer(1000)}).result, 1000);
    EXPECT_EQ(client_.call("read", {socket_value("c"), integer(333)}).result, 333);
    reply = client_.call("recv", {socket_value("c"), integer(667), symbol("MSG_WAITALL")});
    EXPECT_EQ(reply.result, 667);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, OtherBytesAreNoticedWhereTheyBegin) {
    const FileDescriptor stranger = connected_socket();
    server_.call("accept", {socket_value("l")}, "s");
    write_all(stranger.get(), "HTTP/1.1 200 OK\r\n");
    const CallReply reply = server_.call("recv", {socket_value("s")});
    EXPECT_EQ(reply.result, 17);
    ASSERT_TRUE(reply.wrong_byte);
    EXPECT_LE(*reply.wrong_byte, 1);  // one byte in 256 agrees by chance
    EXPECT_EQ(reply.output, "HTTP/1.1 200 OK\\r\\n");
}

// A man in the middle gives the server the client's bytes, but one of them changed.
TEST_F(TcpActorDataTest, AChangedByteIsNoticed) {
    connect();
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(5000)}).result, 5000);
    EXPECT_FALSE(server_.call("recv", {socket_value("s"), integer(5000), symbol("MSG_WAITALL")}).wrong_byte);
    EXPECT_EQ(client_.call("send", {socket_value("c"), text("x")}).result, 1);
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(10)}).result, 10);
    await_bytes(11);
    const CallReply reply = server_.call("recv", {socket_value("s")});
    EXPECT_EQ(reply.wrong_byte, 5000);
    EXPECT_EQ(reply.result, 11);
}

TEST_F(TcpActorDataTest, BytesOfAnotherConnectionAreNoticed) {
    connect();
    client_.call("socket", {}, "d");
    client_.call("connect", {socket_value("d"), address(kServer)});
    client_.call("send", {socket_value("d"), integer(100)});
    const FileDescriptor relay = connected_socket();  // sends what another connection carried
    server_.call("accept", {socket_value("l")}, "t");
    server_.call("accept", {socket_value("l")}, "u");
    EXPECT_FALSE(server_.call("recv", {socket_value("t"), integer(100), symbol("MSG_WAITALL")}).wrong_byte);
    server_.call("send", {socket_value("u"), integer(100)});
    std::array<char, 100> bytes{};
    ASSERT_EQ(recv(relay.get(), bytes.data(), bytes.size(), MSG_WAITALL), 100);
    write_all(relay.get(), {bytes.data(), bytes.size()});
    EXPECT_TRUE(server_.call("recv", {socket_value("u"), integer(100), symbol("MSG_WAITALL")}).wrong_byte);
}

TEST_F(TcpActorDataTest, PeekedAndDiscardedBytesAreNotCounted) {
    connect();
    client_.call("send", {socket_value("c"), integer(300)});
    CallReply reply = server_.call("recv", {socket_value("s"), integer(100), symbol("MSG_PEEK|MSG_WAITALL")});
    EXPECT_EQ(reply.result, 100);
    EXPECT_EQ(reply.bytes, 0);
    EXPECT_FALSE(reply.wrong_byte);
    await_bytes(300);
    reply = server_.call("recv", {socket_value("s"), integer(120), symbol("MSG_TRUNC")});
    EXPECT_EQ(reply.result, 120);
    EXPECT_EQ(reply.bytes, 0);
    reply = server_.call("recv", {socket_value("s")});
    EXPECT_EQ(reply.result, 180);
    EXPECT_EQ(reply.bytes, 180);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, AnUrgentByteIsNotPartOfTheStream) {
    connect();
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(10)}).bytes, 10);
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(3), symbol("MSG_OOB")}).bytes, 2);
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(20)}).bytes, 20);
    server_.call("poll", {socket_value("s"), symbol("POLLPRI")});
    EXPECT_EQ(server_.call("recv", {socket_value("s"), integer(1), symbol("MSG_OOB")}).result, 1);
    CallReply reply = server_.call("recv", {socket_value("s"), integer(12), symbol("MSG_WAITALL")});
    EXPECT_EQ(reply.result, 12);
    EXPECT_FALSE(reply.wrong_byte);
    reply = server_.call("recv", {socket_value("s"), integer(20), symbol("MSG_WAITALL")});
    EXPECT_EQ(reply.result, 20);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, AnUrgentByteInLineIs) {
    connect();
    server_.call("setsockopt", {socket_value("s"), symbol("SOL_SOCKET"), symbol("SO_OOBINLINE"), symbol("on")});
    client_.call("send", {socket_value("c"), integer(3), symbol("MSG_OOB")});
    client_.call("send", {socket_value("c"), integer(20)});
    client_.call("close", {socket_value("c")});
    const CallReply reply = server_.call("recv", {socket_value("s"), symbol("all")});
    EXPECT_EQ(reply.result, 23);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, DataInTheSyn) {
    write_file("/proc/sys/net/ipv4/tcp_fastopen", "1027");  // both ends, without a cookie
    server_.call("setsockopt", {socket_value("l"), symbol("IPPROTO_TCP"), symbol("TCP_FASTOPEN"), integer(5)});
    client_.call("socket", {}, "c");
    const std::vector<Value> arguments{socket_value("c"), integer(100), symbol("MSG_FASTOPEN"), address(kServer)};
    CallReply reply = client_.call("sendto", arguments);
    EXPECT_EQ(reply.result, 100);
    EXPECT_EQ(to_string(*reply.socket->remote), kServer);
    server_.call("accept", {socket_value("l")}, "s");
    EXPECT_EQ(client_.call("send", {socket_value("c"), integer(50)}).result, 50);
    reply = server_.call("recv", {socket_value("s"), integer(150), symbol("MSG_WAITALL")});
    EXPECT_EQ(reply.result, 150);
    EXPECT_FALSE(reply.wrong_byte);
    server_.call("send", {socket_value("s"), integer(10)});
    EXPECT_FALSE(client_.call("recv", {socket_value("c")}).wrong_byte);
}

// TIME_WAIT closes the full socket, which then has no peer to ask for, while its data waits to be read.
TEST_F(TcpActorDataTest, DataReadAfterTheConnectionIsOverIsStillChecked) {
    connect();
    client_.call("shutdown", {socket_value("c"), symbol("SHUT_WR")});
    server_.call("send", {socket_value("s"), integer(1000)});
    server_.call("close", {socket_value("s")});
    client_.call("poll", {socket_value("c"), symbol("POLLIN|POLLHUP")});
    const CallReply reply = client_.call("recv", {socket_value("c"), symbol("all")});
    EXPECT_EQ(reply.result, 1000);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, ANonBlockingSendTakesWhatFits) {
    connect();
    client_.call("fcntl", {socket_value("c"), symbol("F_SETFL"), symbol("O_NONBLOCK")});
    const CallReply first = client_.call("send", {socket_value("c"), integer(64 << 20)});
    EXPECT_GT(first.result, 0);
    EXPECT_LT(first.result, 64 << 20);
    EXPECT_EQ(first.bytes, first.result);
    const uint64_t receiving = server_.begin("recv", {socket_value("s"), symbol("all")});
    client_.call("poll", {socket_value("c"), symbol("POLLOUT")});
    const CallReply second = client_.call("send", {socket_value("c"), integer(1000)});
    EXPECT_EQ(second.result, 1000);
    client_.call("close", {socket_value("c")});
    const CallReply reply = server_.reply_to(receiving);
    EXPECT_EQ(reply.result, first.result + 1000);
    EXPECT_FALSE(reply.wrong_byte);
}

TEST_F(TcpActorDataTest, TwoReadersAtOnceCannotBeToldApart) {
    connect();
    const uint64_t receiving = server_.begin("recv", {socket_value("s")});
    EXPECT_THAT(server_.call("recv", {socket_value("s")}).refused, testing::HasSubstr("has not returned"));
    client_.call("send", {socket_value("c"), integer(5)});
    EXPECT_EQ(server_.reply_to(receiving).result, 5);
}

}  // namespace
}  // namespace tcpwitness
