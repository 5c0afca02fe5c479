#include "network/wiring.hh"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <sys/socket.h>

#include <set>

#include "base/error.hh"
#include "network/link.hh"
#include "network/netlink.hh"
#include "network/route_message.hh"
#include "network/sysctl.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

constexpr uint16_t kPort = 7000;

class Wired : public KernelTest, public ::testing::WithParamInterface<Family> {};

// One round trip of one byte; the SYN is the first packet that the client ever sends.
int retransmissions_of_a_ping_pong(const TestStage& stage, Family family) {
    const FileDescriptor listener = listening_socket(stage.server, TestStage::server_address(family), kPort);
    const FileDescriptor client = connected_socket(stage.client, TestStage::server_address(family), kPort);
    const FileDescriptor server = accepted_socket(listener);
    char byte = 'a';
    EXPECT_EQ(send(client.get(), &byte, 1, 0), 1);
    EXPECT_EQ(recv(server.get(), &byte, 1, 0), 1);
    EXPECT_EQ(send(server.get(), &byte, 1, 0), 1);
    EXPECT_EQ(recv(client.get(), &byte, 1, 0), 1);
    return retransmissions(client) + retransmissions(server);
}

TEST_P(Wired, CarriesTheFirstPacketOfAFreshStage) {
    for (int i = 0; i < 200; ++i) {
        const TestStage stage;
        ASSERT_EQ(retransmissions_of_a_ping_pong(stage, GetParam()), 0) << "stage " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, Wired, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& family) { return std::string(to_string(family.param)); });

class WiringTest : public KernelTest {};

// Reports of multicast groups come from groups beside the two that are never reported. A work queue joins them, so many
// stages are looked at, each after a round trip.
TEST_F(WiringTest, IsSilent) {
    for (int i = 0; i < 50; ++i) {
        const TestStage stage;
        retransmissions_of_a_ping_pong(stage, Family::ipv6);
        for (const NetworkNamespace* host : {&stage.client, &stage.path, &stage.server}) {
            ASSERT_EQ(snmp6_counter(*host, "Icmp6OutMsgs"), 0) << host->name();
            const NamespaceGuard guard(*host);
            const std::string groups = read_file("/proc/thread-self/net/igmp6");
            ASSERT_EQ(groups.find("ff0200000000000000000001ff"), std::string::npos) << groups;
            ASSERT_EQ(groups.find("ff020000000000000000000000000002"), std::string::npos) << groups;
            ASSERT_EQ(read_file("/proc/thread-self/net/if_inet6").find("fe80"), std::string::npos);
        }
    }
}

TEST_F(WiringTest, KeepsArpAndMulticastForThoseWhoNeedThem) {
    const TestStage stage;
    unsigned flags = 0;
    stage.path.route_socket().query(get_link_message("path1"),
                                    [&](const nlmsghdr& header) { flags = parse_link(header).flags; });
    EXPECT_EQ(flags & (IFF_UP | IFF_RUNNING | IFF_MULTICAST | IFF_NOARP), IFF_UP | IFF_RUNNING | IFF_MULTICAST);
}

// Else kernels before 6.8 look at a link a second after it is up.
TEST_F(WiringTest, GivesEveryEndANumberOfItsOwn) {
    const TestStage stage;
    std::set<int> numbers{link_index(stage.client, "client0"), link_index(stage.path, "path0"),
                          link_index(stage.path, "path1"), link_index(stage.server, "server0")};
    EXPECT_EQ(numbers.size(), 4U);
}

TEST_F(WiringTest, SetsSysctlsBeforeAndAfterTheLinks) {
    const TestStage stage;
    EXPECT_EQ(get_sysctl(stage.path, "net.ipv4.ip_forward"), "1");
    EXPECT_EQ(get_sysctl(stage.path, "net.ipv6.conf.path1.forwarding"), "1");
    EXPECT_EQ(get_sysctl(stage.path, "net.ipv4.conf.path1.rp_filter"), "0");
    EXPECT_EQ(get_sysctl(stage.client, "net.ipv4.ip_forward"), "0");
    EXPECT_EQ(get_sysctl(stage.client, "net.ipv6.conf.all.forwarding"), "0");
}

TEST_F(WiringTest, SaysWhichSysctlIsUnknown) {
    const NetworkNamespace client("client");
    Wiring wiring;
    wiring.hosts = {{&client, {{"net.ipv4.tcp_tw_recycle", "1"}}}};
    EXPECT_THROW(build_wiring(wiring), Unsupported);
}

TEST_F(WiringTest, WithoutARouteNothingArrives) {
    const NetworkNamespace client("client");
    const NetworkNamespace path("path");
    Wiring wiring;
    wiring.wires = {{{&client, "client0", "02:00:00:00:01:01", {{*IpAddress::parse("10.0.1.1"), 24}}},
                     {&path, "path0", "02:00:00:00:01:02", {{*IpAddress::parse("10.0.1.2"), 24}}}}};
    build_wiring(wiring);
    EXPECT_THROW(connected_socket(client, *IpAddress::parse("10.0.2.1"), kPort), SystemError);
    EXPECT_THROW(connected_socket(client, *IpAddress::parse("10.0.1.2"), kPort), SystemError);  // refused
}

TEST_F(WiringTest, SaysWhichRouteTheKernelRefused) {
    const TestStage stage;
    try {
        add_route(stage.client, *IpAddress::parse("10.9.0.0"), 24, *IpAddress::parse("10.8.0.1"));
        FAIL() << "a route through an unreachable gateway was taken";
    } catch (const NetlinkError& error) {
        EXPECT_STREQ(error.what(),
                     "RTM_NEWROUTE 10.9.0.0/24 via 10.8.0.1: Network is unreachable (Nexthop has invalid gateway)");
    }
}

}  // namespace
}  // namespace tcpwitness
