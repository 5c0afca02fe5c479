#include "control/message.hh"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/error.hh"

namespace tcpwitness {
namespace {

TEST(Message, ARequestSurvives) {
    CallRequest request{.id = 7, .function = "connect", .makes = "c", .detached = true};
    request.arguments.push_back({.kind = Value::Kind::socket, .text = "c"});
    request.arguments.push_back({.kind = Value::Kind::address, .address = SocketAddress::parse("10.0.2.2:7000")});
    const CallRequest copy = call_request_from_wire(to_wire(request));
    EXPECT_EQ(copy.id, 7U);
    EXPECT_EQ(copy.function, "connect");
    EXPECT_EQ(copy.makes, "c");
    EXPECT_TRUE(copy.detached);
    EXPECT_EQ(copy.arguments, request.arguments);
}

TEST(Message, AReplySurvives) {
    CallReply reply{
        .id = 9, .pending = true, .began = Duration(5), .ended = Duration(8), .result = -1, .error_number = EPIPE};
    reply.output = "10.0.1.1:40112";
    reply.socket = SocketFacts{"c", ~0ULL, SocketAddress::parse("[::1]:7"), std::nullopt};
    reply.wrong_byte = 4096;
    reply.bytes = 1 << 20;
    reply.refused = "no";
    const CallReply copy = call_reply_from_wire(to_wire(reply));
    EXPECT_EQ(copy.id, 9U);
    EXPECT_TRUE(copy.pending);
    EXPECT_EQ(copy.ended - copy.began, Duration(3));
    EXPECT_EQ(copy.result, -1);
    EXPECT_EQ(copy.error_number, EPIPE);
    EXPECT_EQ(copy.output, reply.output);
    EXPECT_EQ(copy.socket->cookie, ~0ULL);
    EXPECT_EQ(copy.socket->local, reply.socket->local);
    EXPECT_FALSE(copy.socket->remote);
    EXPECT_EQ(copy.wrong_byte, 4096);
    EXPECT_EQ(copy.bytes, 1 << 20);
    EXPECT_EQ(copy.refused, "no");
    EXPECT_FALSE(call_reply_from_wire(to_wire(CallReply{})).socket);
}

TEST(Message, BytesThatAreNoTextAreReplacedAndNotRefused) {
    CallReply reply{.output = "\xff\xfe"};
    EXPECT_EQ(call_reply_from_wire(to_wire(reply)).output, "\uFFFD\uFFFD");
}

TEST(Message, WhatIsNoMessageIsAnError) {
    for (const char* text : {"", "{", "[]", "null", "{}", "{\"id\": \"x\"}", "\xff"}) {
        EXPECT_THROW(call_request_from_wire(text), Error) << text;
        EXPECT_THROW(call_reply_from_wire(text), Error) << text;
    }
    EXPECT_THROW(
        call_request_from_wire(R"({"id":1,"function":"f","arguments":[{"what":1}],"makes":"","detached":false})"),
        Error);
}

}  // namespace
}  // namespace tcpwitness
