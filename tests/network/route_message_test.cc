#include "network/route_message.hh"

#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

TEST(RouteMessage, AnIpv6AddressSkipsDuplicateDetection) {
    const NetlinkMessage message = address_message(Change::add, 7, "eth0", *IpAddress::parse("fd00::1"), 64);
    const auto* header = static_cast<const ifaddrmsg*>(nlmsg_data(nlmsg_hdr(message.get())));
    EXPECT_EQ(header->ifa_family, AF_INET6);
    EXPECT_EQ(header->ifa_flags, IFA_F_NODAD);
    EXPECT_EQ(header->ifa_prefixlen, 64);
    EXPECT_EQ(header->ifa_index, 7U);
    EXPECT_EQ(message.name(), "RTM_NEWADDR");
    EXPECT_EQ(message.object(), "eth0 fd00::1/64");
}

TEST(RouteMessage, ANeighbourIsPermanentAndNamesItsAddress) {
    const NetlinkMessage message = neighbour_message(7, "eth0", *IpAddress::parse("10.0.0.1"), "02:00:00:00:01:02");
    const auto* header = static_cast<const ndmsg*>(nlmsg_data(nlmsg_hdr(message.get())));
    EXPECT_EQ(header->ndm_state, NUD_PERMANENT);
    nlattr* mac = nlmsg_find_attr(nlmsg_hdr(message.get()), sizeof *header, NDA_LLADDR);
    ASSERT_NE(mac, nullptr);
    ASSERT_EQ(nla_len(mac), 6);
    EXPECT_EQ(static_cast<const uint8_t*>(nla_data(mac))[5], 2);
}

TEST(RouteMessage, RefusesWhatIsNoEthernetAddress) {
    EXPECT_THROW(neighbour_message(7, "eth0", *IpAddress::parse("10.0.0.1"), "02:00"), Error);
}

TEST(RouteMessage, ReadsALink) {
    NetlinkMessage message(RTM_NEWLINK, 0, "RTM_NEWLINK", "");
    ifinfomsg header{};
    header.ifi_index = 3;
    header.ifi_flags = IFF_UP;
    message.append(header);
    message.put(IFLA_IFNAME, std::string("path0"));
    const LinkState state = parse_link(*nlmsg_hdr(message.get()));
    EXPECT_EQ(state.index, 3);
    EXPECT_EQ(state.flags, IFF_UP);
    EXPECT_EQ(state.interface, "path0");
}

}  // namespace
}  // namespace tcpwitness
