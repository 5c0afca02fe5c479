#include "faults/connection_numbers.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"
#include "faults/forging.hh"
#include "faults/packets.hh"

namespace tcpwitness {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Expression number_of(const std::string& variable, int64_t more = 0) {
    return {{.variable = variable}, {.negative = more < 0, .integer = more < 0 ? -more : more}};
}

class Numbers : public ::testing::Test {
  protected:
    Numbers() {
        sockets_ = {socket(0, "client", "c", client_end(), server_end()),
                    socket(1, "server", "s", server_end(), client_end())};
        travel(Way::to_server,
               {.flags = kSyn, .options = tcp_option::window_scale(7) + tcp_option::timestamps(100, 0)});
        travel(Way::to_client, {.flags = kSyn | kAck,
                                .acknowledgment = 1,
                                .options = tcp_option::window_scale(7) + tcp_option::timestamps(900, 100)});
        travel(Way::to_server, {.sequence = 1, .acknowledgment = 1, .options = tcp_option::timestamps(101, 900)});
    }

    static Socket socket(int index, std::string host, std::string name, SocketAddress local, SocketAddress remote) {
        return {
            .index = index, .host = host, .program = host, .name = std::move(name), .local = local, .remote = remote};
    }

    void leave(Way way, const Shape& shape) {
        see(way, shape, Direction::sent, way == Way::to_server ? "client" : "server");
    }
    void arrive(Way way, const Shape& shape) { see(way, shape, Direction::arrived, receiver_of(way)); }
    void travel(Way way, const Shape& shape) {
        leave(way, shape);
        arrive(way, shape);
    }

    void see(Way way, const Shape& shape, Direction direction, std::string host) {
        numbers_.take({.host = std::move(host), .direction = direction, .segment = segment(packet(way, shape))});
    }

    uint32_t value(const std::string& variable, int64_t more = 0) {
        return settle(number_of(variable, more), sockets_, numbers_);
    }

    Situation situation() {
        return {sockets_,
                numbers_,
                {{"client", client_end().ip},
                 {"server", server_end().ip},
                 {"path > client", *IpAddress::parse("10.0.1.2")},
                 {"path > server", *IpAddress::parse("10.0.2.2")}}};
    }

    TcpSegment forged(const InjectTrick& trick) { return decode_tcp_segment(forge(trick, situation()), false).value(); }

    std::vector<Socket> sockets_;
    ConnectionNumbers numbers_;
};

TEST_F(Numbers, OfAConnectionThatIsOpen) {
    EXPECT_EQ(value("c.isn"), kClientIsn);
    EXPECT_EQ(value("c.irs"), kServerIsn);
    EXPECT_EQ(value("c.snd_nxt"), kClientIsn + 1);
    EXPECT_EQ(value("c.snd_una"), kClientIsn + 1);
    EXPECT_EQ(value("c.rcv_nxt"), kServerIsn + 1);
    EXPECT_EQ(value("s.irs"), kClientIsn);
    EXPECT_EQ(value("s.snd_nxt"), kServerIsn + 1);
    EXPECT_EQ(value("s.snd_una"), kServerIsn + 1);
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 1);
    EXPECT_EQ(value("c.ts_val"), 101U);
    EXPECT_EQ(value("c.ts_recent"), 900U);
    EXPECT_EQ(value("s.ts_recent"), 101U);
    EXPECT_EQ(value("c.rcv_wnd"), 65535U << 7);
    EXPECT_EQ(value("c.snd_wnd"), 65535U);  // of the SYN ACK, which is not scaled
    EXPECT_EQ(value("c.rcv_nxt", -1), kServerIsn);
    EXPECT_EQ(value("server.s.rcv_nxt", 7), kClientIsn + 8);
}

TEST_F(Numbers, WhatIsLostCountsForItsSenderOnly) {
    leave(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 100});
    EXPECT_EQ(value("c.snd_nxt"), kClientIsn + 101);
    EXPECT_EQ(value("c.snd_una"), kClientIsn + 1);
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 1);
    travel(Way::to_server, {.sequence = 101, .acknowledgment = 1, .length = 50});
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 1);
    travel(Way::to_server, {.sequence = 1, .acknowledgment = 1, .length = 100});
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 151);
    travel(Way::to_client, {.sequence = 1, .acknowledgment = 151});
    EXPECT_EQ(value("c.snd_una"), kClientIsn + 151);
}

TEST_F(Numbers, AnAcknowledgmentOfWhatWasNotSentCountsForNothing) {
    arrive(Way::to_client, {.sequence = 1, .acknowledgment = 4000});
    EXPECT_EQ(value("c.snd_una"), kClientIsn + 1);
}

TEST_F(Numbers, AFinTakesANumberAndARstNone) {
    travel(Way::to_server, {.flags = kFin | kAck, .sequence = 1, .acknowledgment = 1});
    EXPECT_EQ(value("c.snd_nxt"), kClientIsn + 2);
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 2);
    travel(Way::to_server, {.flags = kRst, .sequence = 90});
    EXPECT_EQ(value("c.snd_nxt"), kClientIsn + 2);
}

TEST_F(Numbers, EarlierIncarnationsKeepTheirs) {
    sockets_.push_back(socket(2, "client", "c", client_end(), server_end()));
    travel(Way::to_server, {.flags = kSyn, .sequence = 70000});
    EXPECT_EQ(value("c.isn"), kClientIsn + 70000);
    EXPECT_EQ(value("c@1.isn"), kClientIsn);
    EXPECT_EQ(value("c@1.snd_nxt", 5), kClientIsn + 6);
    EXPECT_THAT([&] { value("c@3.isn"); }, ThrowsMessage<Error>(HasSubstr("no socket 'c@3'")));
}

TEST_F(Numbers, AnOldSynThatArrivesOpensNothing) {
    arrive(Way::to_server, {.flags = kSyn, .sequence = 70000});
    EXPECT_EQ(value("s.irs"), kClientIsn);
    EXPECT_EQ(value("s.rcv_nxt"), kClientIsn + 1);
}

TEST_F(Numbers, MistakesAreNamed) {
    EXPECT_THAT([&] { value("d.snd_nxt"); }, ThrowsMessage<Error>(HasSubstr("no socket 'd'")));
    EXPECT_THAT([&] { value("c.send_next"); }, ThrowsMessage<Error>(HasSubstr("snd_nxt")));
    EXPECT_THAT([&] { value("n"); }, ThrowsMessage<Error>(HasSubstr("'n'")));
    sockets_.push_back(socket(2, "server", "c", server_end(), client_end()));
    EXPECT_THAT([&] { value("c.snd_nxt"); }, ThrowsMessage<Error>(HasSubstr("client.c")));
    EXPECT_EQ(value("client.c.snd_nxt"), kClientIsn + 1);
    sockets_.push_back(Socket{.index = 3, .host = "client", .program = "client", .name = "l"});
    EXPECT_THAT([&] { value("l.snd_nxt"); }, ThrowsMessage<Error>(HasSubstr("no connection")));
}

TEST_F(Numbers, ASegmentIsForgedFromTheConnection) {
    const InjectTrick reset{.way = Way::to_client, .flags = kRst, .sequence = number_of("c.rcv_nxt")};
    const TcpSegment segment = forged(reset);
    EXPECT_EQ(segment.source, server_end());
    EXPECT_EQ(segment.destination, client_end());
    EXPECT_EQ(segment.sequence, kServerIsn + 1);
    EXPECT_EQ(segment.flags, kRst);
    EXPECT_TRUE(segment.checksum_good);
    EXPECT_EQ(segment.payload_length, 0U);
}

TEST_F(Numbers, EitherEndNamesTheConnection) {
    const TcpSegment segment =
        forged({.way = Way::to_client, .flags = kAck, .sequence = number_of("s.snd_nxt", 3), .length = 4});
    EXPECT_EQ(segment.destination, client_end());
    EXPECT_EQ(segment.sequence, kServerIsn + 4);
    EXPECT_EQ(segment.acknowledgment, kClientIsn + 1);
    EXPECT_EQ(segment.payload_length, 4U);
}

TEST_F(Numbers, WhatIsNotSaidIsTakenFromTheConnection) {
    const TcpSegment segment =
        forged({.way = Way::to_server, .flags = kAck, .payload = "hi", .options = {.timestamps = true}});
    EXPECT_EQ(segment.source, client_end());
    EXPECT_EQ(segment.sequence, kClientIsn + 1);
    EXPECT_EQ(segment.acknowledgment, kServerIsn + 1);
    EXPECT_EQ(segment.options.timestamps, (TcpTimestamps{101, 900}));
    EXPECT_EQ(segment.payload_length, 2U);
}

TEST_F(Numbers, PlainNumbersAreRelative) {
    const TcpSegment segment =
        forged({.way = Way::to_server, .flags = kSyn, .sequence = Expression{{.negative = true, .integer = 500}}});
    EXPECT_EQ(segment.sequence, kClientIsn - 500);
}

TEST_F(Numbers, EverythingCanBeSaid) {
    InjectTrick trick{.way = Way::to_server, .flags = kSyn, .source_port = 1, .destination_port = 2};
    trick.sequence = Expression{{.integer = 77}};
    trick.window = 4096;
    trick.ttl = 9;
    trick.bad_checksum = true;
    trick.options = {.mss = 536,
                     .window_scale = 3,
                     .sack_permitted = true,
                     .timestamps = true,
                     .timestamp = Expression{{.integer = 5}},
                     .timestamp_echo = Expression{{.integer = 6}}};
    const TcpSegment segment = forged(trick);
    EXPECT_EQ(segment.source, (SocketAddress{client_end().ip, 1}));
    EXPECT_EQ(segment.destination, (SocketAddress{server_end().ip, 2}));
    EXPECT_EQ(segment.sequence, 77U);
    EXPECT_EQ(segment.window, 4096);
    EXPECT_EQ(segment.ttl, 9);
    EXPECT_FALSE(segment.checksum_good);
    EXPECT_EQ(segment.options.mss, 536);
    EXPECT_EQ(segment.options.window_scale, 3);
    EXPECT_TRUE(segment.options.sack_permitted);
    EXPECT_EQ(segment.options.timestamps, (TcpTimestamps{5, 6}));
}

TEST_F(Numbers, MoreThanOneConnectionMustBeNamed) {
    sockets_.push_back(socket(2, "client", "d", {client_end().ip, 40001}, server_end()));
    EXPECT_THAT([&] { forged({.way = Way::to_client, .flags = kRst}); }, ThrowsMessage<Error>(HasSubstr("about=d")));
    EXPECT_EQ(forged({.way = Way::to_client, .flags = kRst, .about = "c"}).destination, client_end());
    sockets_.clear();
    EXPECT_THAT([&] { forged({.way = Way::to_client, .flags = kRst}); },
                ThrowsMessage<Error>(HasSubstr("no socket of client")));
}

TEST_F(Numbers, AnIcmpErrorQuotesWhatTheReceiverSent) {
    const std::string router = forge(IcmpTrick{.error = "host unreachable"}, situation());
    EXPECT_EQ(IpAddress::from_bytes(Family::ipv4, router.data() + 12), *IpAddress::parse("10.0.1.2"));
    EXPECT_EQ(IpAddress::from_bytes(Family::ipv4, router.data() + 16), client_end().ip);
    EXPECT_EQ(router[20], 3);
    EXPECT_EQ(router[21], 1);
    const std::string quoted = router.substr(28);
    EXPECT_EQ(quoted.substr(12, 8), packet(Way::to_server, {}).bytes.substr(12, 8));
    const std::string host =
        forge(IcmpTrick{.error = "port unreachable", .sequence = number_of("c.snd_nxt", 1)}, situation());
    EXPECT_EQ(IpAddress::from_bytes(Family::ipv4, host.data() + 12), server_end().ip);
    EXPECT_EQ(static_cast<uint8_t>(host[28 + 20 + 7]), (kClientIsn + 2) & 0xff);
    EXPECT_THROW(forge(IcmpTrick{.error = "nonsense"}, situation()), Error);
}

}  // namespace
}  // namespace tcpwitness
