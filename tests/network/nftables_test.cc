#include "nftables.hh"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

constexpr uint16_t kPort = 7000;
constexpr uint8_t kFin = 0x01;
constexpr uint8_t kSyn = 0x02;
constexpr uint8_t kAck = 0x10;
constexpr uint8_t kStateFlags = 0x37;  // FIN SYN RST ACK URG

class NftablesTest : public KernelTest, public ::testing::WithParamInterface<Family> {
  protected:
    // An established connection over the stage.
    struct Connection {
        FileDescriptor listener;
        FileDescriptor client;
        FileDescriptor server;
    };
    Connection connect_over(const TestStage& stage) {
        Connection connection;
        connection.listener = listening_socket(stage.server, TestStage::server_address(GetParam()), kPort);
        connection.client = connected_socket(stage.client, TestStage::server_address(GetParam()), kPort);
        connection.server = accepted_socket(connection.listener);
        return connection;
    }
    static NftDrop from_client(uint8_t mask, uint8_t set) {
        NftDrop drop;
        drop.match.family = GetParam();
        drop.match.source = TestStage::client_address(GetParam());
        drop.match.destination = TestStage::server_address(GetParam());
        drop.match.flags_mask = mask;
        drop.match.flags_set = set;
        return drop;
    }
};

TEST_P(NftablesTest, DropsExactlyOneFin) {
    const TestStage stage;
    NftRule rule(stage.path, from_client(kStateFlags, kFin | kAck));
    const Connection connection = connect_over(stage);
    EXPECT_EQ(rule.counters().matched, 0);
    ASSERT_EQ(shutdown(connection.client.get(), SHUT_WR), 0);
    char byte = 0;
    EXPECT_EQ(recv(connection.server.get(), &byte, 1, 0), 0);  // the repeated FIN
    const DropCounters counters = rule.counters();
    EXPECT_EQ(counters.dropped, 1);
    EXPECT_EQ(counters.matched, 2);
    EXPECT_EQ(retransmissions(connection.client), 1);
}

TEST_P(NftablesTest, DropsTheFirstSegmentWithData) {
    const TestStage stage;
    NftDrop drop = from_client(0, 0);
    drop.match.least_payload = 1;
    drop.match.most_payload = 10;
    NftRule rule(stage.path, drop);
    const Connection connection = connect_over(stage);
    EXPECT_EQ(retransmissions(connection.client), 0);
    const std::string eleven(11, 'a');
    const std::string ten(10, 'b');
    std::string received(64, '\0');
    ASSERT_EQ(send(connection.client.get(), eleven.data(), eleven.size(), 0), 11);
    EXPECT_EQ(recv(connection.server.get(), received.data(), received.size(), 0), 11);
    EXPECT_EQ(rule.counters().matched, 0);
    ASSERT_EQ(send(connection.client.get(), ten.data(), ten.size(), 0), 10);
    EXPECT_EQ(recv(connection.server.get(), received.data(), received.size(), 0), 10);
    EXPECT_EQ(rule.counters().dropped, 1);
    EXPECT_EQ(retransmissions(connection.client), 1);
}

TEST_P(NftablesTest, DropsTheSecondSynAckOfTheServer) {
    const TestStage stage;
    NftDrop drop;
    drop.match.family = GetParam();
    drop.match.in_interface = "path1";
    drop.match.out_interface = "path0";
    drop.match.source_port = kPort;
    drop.match.flags_mask = kSyn | kAck;
    drop.match.flags_set = kSyn | kAck;
    drop.nth = 2;
    NftRule rule(stage.path, drop);
    const Connection first = connect_over(stage);
    EXPECT_EQ(rule.counters().dropped, 0);
    const FileDescriptor second = connected_socket(stage.client, TestStage::server_address(GetParam()), kPort);
    EXPECT_EQ(rule.counters().dropped, 1);
    EXPECT_GE(rule.counters().matched, 3);
    EXPECT_EQ(retransmissions(first.client), 0);
}

TEST_P(NftablesTest, LeavesAloneWhatDoesNotMatch) {
    const TestStage stage;
    NftDrop drop = from_client(0, 0);
    drop.match.destination_port = kPort + 1;
    drop.count.reset();
    NftRule rule(stage.path, drop);
    const Connection connection = connect_over(stage);
    EXPECT_EQ(rule.counters().matched, 0);
    EXPECT_EQ(rule.counters().dropped, 0);
    EXPECT_EQ(retransmissions(connection.client), 0);
}

TEST_P(NftablesTest, IsGoneAfterRemove) {
    const TestStage stage;
    NftRule rule(stage.path, from_client(kSyn, kSyn));
    EXPECT_EQ(rule.remove().dropped, 0);
    EXPECT_EQ(retransmissions(connect_over(stage).client), 0);
    EXPECT_THROW(rule.counters(), Error);
}

TEST_P(NftablesTest, DropsAtAHostsOwnHooks) {
    const TestStage stage;
    NftDrop drop = from_client(kSyn, kSyn);
    drop.hook = DropHook::input;
    NftRule rule(stage.server, drop);
    const Connection connection = connect_over(stage);
    EXPECT_EQ(rule.counters().dropped, 1);
    EXPECT_EQ(retransmissions(connection.client), 1);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, NftablesTest, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& family) { return std::string(to_string(family.param)); });

class NftablesErrors : public KernelTest {};

TEST_F(NftablesErrors, NamesTheRuleThatNftRefused) {
    const NetworkNamespace path("path");
    NftDrop drop;
    drop.match.in_interface = "a name that is far too long";
    try {
        NftRule rule(path, drop);
        FAIL() << "nft took the rule";
    } catch (const Unsupported& error) {
        FAIL() << error.what();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).rfind("nft in path: Error: ", 0), 0U) << error.what();
    }
}

TEST_F(NftablesErrors, NftablesIsThere) {
    const NetworkNamespace path("path");
    EXPECT_NO_THROW(require_nftables(path));
}

}  // namespace
}  // namespace tcpwitness
