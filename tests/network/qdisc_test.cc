#include "network/qdisc.hh"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

class QdiscTest : public KernelTest {};

// Sends packets of 1000 bytes of UDP content from the client to the server.
void send_packets(const TestStage& stage, int count) {
    const NamespaceGuard guard(stage.client);
    const FileDescriptor sender(check_system(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", ""));
    sockaddr_storage to{};
    const socklen_t length = SocketAddress{TestStage::server_address(Family::ipv4), 9}.to_kernel(to);
    const std::string content(1000, 'x');
    for (int i = 0; i < count; ++i) {
        sendto(sender.get(), content.data(), content.size(), 0, reinterpret_cast<sockaddr*>(&to), length);
    }
}

TEST_F(QdiscTest, PfifoCountsWhatItSends) {
    const TestStage stage;
    EXPECT_FALSE(set_qdisc(stage.client, "client0", PfifoSettings{5}).seeded);
    send_packets(stage, 3);
    const QdiscStatistics statistics = qdisc_statistics(stage.client, "client0");
    EXPECT_EQ(statistics.kind, "pfifo");
    EXPECT_EQ(statistics.sent_packets, 3U);
    EXPECT_EQ(statistics.sent_bytes, 3U * 1042);
    EXPECT_EQ(statistics.dropped_packets, 0U);
}

TEST_F(QdiscTest, TbfHoldsBackAndDrops) {
    const TestStage stage;
    // One packet at once, one that waits for a second, no room for more.
    set_qdisc(stage.client, "client0", TbfSettings{8000, 1600, 1600});
    send_packets(stage, 10);
    const QdiscStatistics statistics = qdisc_statistics(stage.client, "client0");
    EXPECT_EQ(statistics.kind, "tbf");
    EXPECT_EQ(statistics.sent_packets, 1U);
    EXPECT_EQ(statistics.dropped_packets, 8U);
    EXPECT_EQ(statistics.backlog_packets, 1U);
    EXPECT_EQ(statistics.backlog_bytes, 1042U);
}

TEST_F(QdiscTest, OneReplacesTheOtherAndGoes) {
    const TestStage stage;
    EXPECT_THROW(qdisc_statistics(stage.client, "client0"), Error);
    set_qdisc(stage.client, "client0", PfifoSettings{5});
    set_qdisc(stage.client, "client0", TbfSettings{8'000'000, 16000, 16000});
    EXPECT_EQ(qdisc_statistics(stage.client, "client0").kind, "tbf");
    remove_qdisc(stage.client, "client0");
    EXPECT_THROW(qdisc_statistics(stage.client, "client0"), Error);
    EXPECT_THROW(remove_qdisc(stage.client, "client0"), NetlinkError);
}

// Every kind either works or says by its name that this kernel has none.
TEST_F(QdiscTest, SaysWhatTheKernelLacks) {
    const TestStage stage;
    NetemSettings netem;
    netem.delay = 1ms;
    netem.seed = 1;
    for (const QdiscSettings& settings :
         {QdiscSettings{netem}, QdiscSettings{FqSettings{100, {}, {}}}, QdiscSettings{FqCodelSettings{}}}) {
        const std::string kind(qdisc_kind(settings));
        try {
            set_qdisc(stage.path, "path1", settings);
            EXPECT_EQ(qdisc_statistics(stage.path, "path1").kind, kind);
        } catch (const Unsupported& error) {
            EXPECT_EQ(std::string(error.what()),
                      "this kernel has no " + kind + ": RTM_NEWQDISC " + kind +
                          " path1: No such file or directory (Specified qdisc kind is unknown)");
        }
    }
}

TEST_F(QdiscTest, NamesAMissingInterface) {
    const TestStage stage;
    EXPECT_THROW(set_qdisc(stage.client, "nowhere0", PfifoSettings{5}), NetlinkError);
}

}  // namespace
}  // namespace tcpwitness
