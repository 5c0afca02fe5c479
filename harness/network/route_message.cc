#include "network/route_message.hh"

#include <fmt/core.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <netinet/ether.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

int address_family(Family family) {
    return family == Family::ipv4 ? AF_INET : AF_INET6;
}

void put_mac(NetlinkMessage& message, int attribute, const std::string& mac) {
    ether_addr bytes{};
    if (ether_aton_r(mac.c_str(), &bytes) == nullptr) throw Error(fmt::format("not an Ethernet address: '{}'", mac));
    message.put(attribute, &bytes, sizeof bytes);
}

void put_ip(NetlinkMessage& message, int attribute, const IpAddress& address) {
    message.put(attribute, address.bytes.data(), address.size());
}

void put_end(NetlinkMessage& message, const VethEnd& end, int mtu) {
    message.put(IFLA_IFNAME, end.interface);
    message.put(IFLA_MTU, static_cast<uint32_t>(mtu));
    put_mac(message, IFLA_ADDRESS, end.mac);
    if (end.namespace_descriptor >= 0) message.put(IFLA_NET_NS_FD, static_cast<uint32_t>(end.namespace_descriptor));
}

NetlinkMessage link_message(int index, const std::string& interface, unsigned flags, unsigned mask) {
    NetlinkMessage message(RTM_SETLINK, 0, "RTM_SETLINK", interface);
    ifinfomsg header{};
    header.ifi_index = index;
    header.ifi_flags = flags;
    header.ifi_change = mask;
    message.append(header);
    return message;
}

}  // namespace

NetlinkMessage veth_message(const VethEnd& a, const VethEnd& b, int mtu) {
    NetlinkMessage message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, "RTM_NEWLINK",
                           fmt::format("veth {} - {}", a.interface, b.interface));
    message.append(ifinfomsg{.ifi_index = a.index});
    put_end(message, a, mtu);
    message.nest(IFLA_LINKINFO, [&] {
        message.put(IFLA_INFO_KIND, std::string("veth"));
        message.nest(IFLA_INFO_DATA, [&] {
            message.nest(VETH_INFO_PEER, [&] {
                message.append(ifinfomsg{.ifi_index = b.index});
                put_end(message, b, mtu);
            });
        });
    });
    return message;
}

NetlinkMessage link_flags_message(int index, const std::string& interface, unsigned flags, unsigned mask) {
    return link_message(index, interface, flags, mask);
}

NetlinkMessage link_mtu_message(int index, const std::string& interface, int mtu) {
    NetlinkMessage message = link_message(index, interface, 0, 0);
    message.put(IFLA_MTU, static_cast<uint32_t>(mtu));
    return message;
}

NetlinkMessage no_link_local_message(int index, const std::string& interface) {
    NetlinkMessage message = link_message(index, interface, 0, 0);
    message.nest(IFLA_AF_SPEC, [&] {
        message.nest(AF_INET6,
                     [&] { message.put(IFLA_INET6_ADDR_GEN_MODE, static_cast<uint8_t>(IN6_ADDR_GEN_MODE_NONE)); });
    });
    return message;
}

NetlinkMessage get_link_message(const std::string& interface) {
    NetlinkMessage message(RTM_GETLINK, 0, "RTM_GETLINK", interface);
    message.append(ifinfomsg{});
    message.put(IFLA_IFNAME, interface);
    return message;
}

NetlinkMessage address_message(Change change, int index, const std::string& interface, const IpAddress& address,
                               int prefix_length) {
    const std::string object = fmt::format("{} {}/{}", interface, to_string(address), prefix_length);
    NetlinkMessage message = change == Change::add
                                 ? NetlinkMessage(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, "RTM_NEWADDR", object)
                                 : NetlinkMessage(RTM_DELADDR, 0, "RTM_DELADDR", object);
    ifaddrmsg header{};
    header.ifa_family = static_cast<uint8_t>(address_family(address.family));
    header.ifa_prefixlen = static_cast<uint8_t>(prefix_length);
    header.ifa_flags = address.family == Family::ipv6 ? IFA_F_NODAD : 0;
    header.ifa_index = static_cast<uint32_t>(index);
    message.append(header);
    put_ip(message, IFA_LOCAL, address);
    put_ip(message, IFA_ADDRESS, address);
    return message;
}

std::optional<IpAddress> parse_new_address(const nlmsghdr& header) {
    if (header.nlmsg_type != RTM_NEWADDR) return std::nullopt;
    const auto* address = static_cast<const ifaddrmsg*>(nlmsg_data(&header));
    auto* message = const_cast<nlmsghdr*>(&header);
    // IPv4 has the address itself in IFA_LOCAL; IPv6 has only IFA_ADDRESS unless a peer was given.
    const nlattr* bytes = nlmsg_find_attr(message, sizeof *address, IFA_LOCAL);
    if (bytes == nullptr) bytes = nlmsg_find_attr(message, sizeof *address, IFA_ADDRESS);
    if (bytes == nullptr) return std::nullopt;
    return IpAddress::from_bytes(address->ifa_family == AF_INET ? Family::ipv4 : Family::ipv6, nla_data(bytes));
}

NetlinkMessage route_message(Change change, const IpAddress& destination, int prefix_length, const IpAddress& via) {
    const std::string object = fmt::format("{}/{} via {}", to_string(destination), prefix_length, to_string(via));
    NetlinkMessage message = change == Change::add
                                 ? NetlinkMessage(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, "RTM_NEWROUTE", object)
                                 : NetlinkMessage(RTM_DELROUTE, 0, "RTM_DELROUTE", object);
    rtmsg header{};
    header.rtm_family = static_cast<uint8_t>(address_family(destination.family));
    header.rtm_dst_len = static_cast<uint8_t>(prefix_length);
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_protocol = RTPROT_STATIC;
    header.rtm_scope = RT_SCOPE_UNIVERSE;
    header.rtm_type = RTN_UNICAST;
    message.append(header);
    put_ip(message, RTA_DST, destination);
    put_ip(message, RTA_GATEWAY, via);
    return message;
}

NetlinkMessage neighbour_message(int index, const std::string& interface, const IpAddress& address,
                                 const std::string& mac) {
    NetlinkMessage message(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, "RTM_NEWNEIGH",
                           fmt::format("{} {} {}", interface, to_string(address), mac));
    ndmsg header{};
    header.ndm_family = static_cast<uint8_t>(address_family(address.family));
    header.ndm_ifindex = index;
    header.ndm_state = NUD_PERMANENT;
    message.append(header);
    put_ip(message, NDA_DST, address);
    put_mac(message, NDA_LLADDR, mac);
    return message;
}

LinkState parse_link(const nlmsghdr& header) {
    const auto* link = static_cast<const ifinfomsg*>(nlmsg_data(&header));
    LinkState state{link->ifi_index, link->ifi_flags, {}};
    const nlattr* name = nlmsg_find_attr(const_cast<nlmsghdr*>(&header), sizeof *link, IFLA_IFNAME);
    if (name != nullptr) state.interface = nla_get_string(name);
    return state;
}

}  // namespace tcpwitness
