#include "network/packet_sender.hh"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sys/socket.h>

#include <sstream>

#include "base/error.hh"
#include "network/forge.hh"
#include "network/link.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

constexpr uint16_t kClosedPort = 7001;
constexpr uint8_t kSynFlag = 0x02;

class PacketSenderTest : public KernelTest, public ::testing::WithParamInterface<Family> {};

// What arrives at an interface, from the IP header on.
class Listener {
  public:
    Listener(const NetworkNamespace& host, const std::string& interface) {
        const NamespaceGuard guard(host);
        socket_ =
            FileDescriptor(check_system(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL)), "socket", ""));
        sockaddr_ll name{};
        name.sll_family = AF_PACKET;
        name.sll_protocol = htons(ETH_P_ALL);
        name.sll_ifindex = link_index(host, interface);
        check_system(bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), "bind", interface);
    }
    // The next packet that came from the other end; empty after a second.
    std::string next() const {
        while (true) {
            pollfd waiting{socket_.get(), POLLIN, 0};
            if (poll(&waiting, 1, 1000) != 1) return {};
            std::string packet(2048, '\0');
            sockaddr_ll from{};
            socklen_t length = sizeof from;
            packet.resize(static_cast<size_t>(check_system(
                recvfrom(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length),
                "recv", "")));
            if (from.sll_pkttype != PACKET_OUTGOING) return packet;
        }
    }

  private:
    FileDescriptor socket_;
};

ForgedSegment syn_to_closed_port(Family family, uint32_t sequence) {
    ForgedSegment segment;
    segment.source = {TestStage::client_address(family), 4000};
    segment.destination = {TestStage::server_address(family), kClosedPort};
    segment.flags = kSynFlag;
    segment.sequence = sequence;
    return segment;
}

int64_t checksum_errors(const NetworkNamespace& host) {
    const NamespaceGuard guard(host);
    std::istringstream lines(read_file("/proc/thread-self/net/snmp"));
    std::string line;
    std::string last;
    while (std::getline(lines, line)) {
        if (line.starts_with("Tcp: ")) last = line.substr(line.rfind(' ') + 1);
    }
    return std::stoll(last);  // InCsumErrors is the last of its line
}

TEST_P(PacketSenderTest, TheHostAnswersAForgedSegment) {
    const TestStage stage;
    const Listener listener(stage.path, "path1");
    PacketSender sender(stage.path, "path1", "02:00:00:00:02:01");
    sender.send(forge_segment(syn_to_closed_port(GetParam(), 1000)));
    const std::string answer = listener.next();
    ASSERT_FALSE(answer.empty());
    const size_t tcp = GetParam() == Family::ipv4 ? 20 : 40;
    EXPECT_EQ(answer[tcp + 13], 0x14);                                         // RST ACK
    EXPECT_EQ(answer.substr(tcp + 8, 4), std::string("\x00\x00\x03\xe9", 4));  // 1001
    EXPECT_EQ(checksum_errors(stage.server), 0);
}

TEST_P(PacketSenderTest, TheHostDropsABadChecksum) {
    const TestStage stage;
    const Listener listener(stage.path, "path1");
    PacketSender sender(stage.path, "path1", "02:00:00:00:02:01");
    ForgedSegment bad = syn_to_closed_port(GetParam(), 1000);
    bad.bad_checksum = true;
    sender.send(forge_segment(bad));
    sender.send(forge_segment(syn_to_closed_port(GetParam(), 2000)));
    const std::string answer = listener.next();
    ASSERT_FALSE(answer.empty());
    const size_t tcp = GetParam() == Family::ipv4 ? 20 : 40;
    EXPECT_EQ(answer.substr(tcp + 8, 4), std::string("\x00\x00\x07\xd1", 4));  // 2001: only the good one was answered
    EXPECT_EQ(checksum_errors(stage.server), 1);
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, PacketSenderTest, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& family) { return std::string(to_string(family.param)); });

class PacketSenderErrors : public KernelTest {};

TEST_F(PacketSenderErrors, NamesWhatIsMissing) {
    const TestStage stage;
    EXPECT_THROW(PacketSender(stage.path, "nowhere0", "02:00:00:00:02:01"), NetlinkError);
    EXPECT_THROW(PacketSender(stage.path, "path1", "server"), Error);
    PacketSender sender(stage.path, "path1", "02:00:00:00:02:01");
    EXPECT_THROW(sender.send(""), Error);
    EXPECT_THROW(sender.send(std::string(3000, '\x45')), SystemError);  // longer than the link's MTU
}

}  // namespace
}  // namespace tcpwitness
