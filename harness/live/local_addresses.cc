#include "live/local_addresses.hh"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cstring>

#include "network/netlink.hh"

namespace tcpwitness {
namespace {

const nlattr* attribute(const nlmsghdr& header, size_t fixed, int number) {
    return nlmsg_find_attr(const_cast<nlmsghdr*>(&header), static_cast<int>(fixed), number);
}

// inet_addr_type(): these need no route.
bool needs_no_route(const IpAddress& address) {
    const uint8_t first = address.bytes[0];
    const bool multicast = first >= 224 && first < 240;
    return first == 0 || multicast ||
           std::all_of(address.bytes.begin(), address.bytes.begin() + 4, [](uint8_t byte) { return byte == 255; });
}

bool covers(const uint8_t* network, unsigned prefix, const IpAddress& address) {
    for (unsigned bit = 0; bit < prefix; ++bit) {
        const uint8_t mask = 0x80U >> bit % 8;
        if ((network[bit / 8] & mask) != (address.bytes[bit / 8] & mask)) return false;
    }
    return true;
}

// The longest route of the table `local` that covers it decides.
bool is_local4(const IpAddress& address) {
    if (needs_no_route(address)) return true;
    NetlinkMessage message(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, "RTM_GETROUTE", "table local");
    rtmsg wanted{};
    wanted.rtm_family = AF_INET;
    wanted.rtm_table = RT_TABLE_LOCAL;
    message.append(wanted);
    int longest = -1;
    bool local = false;
    NetlinkSocket socket(NETLINK_ROUTE);
    socket.query(std::move(message), [&](const nlmsghdr& header) {
        const auto& route = *static_cast<const rtmsg*>(nlmsg_data(&header));
        const nlattr* destination = attribute(header, sizeof route, RTA_DST);
        if (route.rtm_table != RT_TABLE_LOCAL || destination == nullptr || route.rtm_dst_len <= longest) return;
        if (!covers(static_cast<const uint8_t*>(nla_data(destination)), route.rtm_dst_len, address)) return;
        longest = route.rtm_dst_len;
        local = route.rtm_type == RTN_LOCAL || route.rtm_type == RTN_BROADCAST;
    });
    return local;
}

AddressStanding standing6(const IpAddress& address, unsigned interface) {
    NetlinkMessage message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, "RTM_GETADDR", "IPv6");
    ifaddrmsg wanted{};
    wanted.ifa_family = AF_INET6;
    message.append(wanted);
    AddressStanding standing;
    NetlinkSocket socket(NETLINK_ROUTE);
    socket.query(std::move(message), [&](const nlmsghdr& header) {
        const auto& told = *static_cast<const ifaddrmsg*>(nlmsg_data(&header));
        const nlattr* local = attribute(header, sizeof told, IFA_LOCAL);
        if (local == nullptr) local = attribute(header, sizeof told, IFA_ADDRESS);
        if (told.ifa_family != AF_INET6 || local == nullptr || (interface != 0 && told.ifa_index != interface)) return;
        if (std::memcmp(nla_data(local), address.bytes.data(), address.size()) != 0) return;
        // An optimistic address is good for bind() although it is tentative.
        const bool tentative = (told.ifa_flags & IFA_F_TENTATIVE) != 0 && (told.ifa_flags & IFA_F_OPTIMISTIC) == 0;
        standing.local = standing.local || !tentative;
        standing.tentative = standing.tentative || tentative;
    });
    return standing;
}

}  // namespace

AddressStanding standing_of(const IpAddress& address, unsigned interface) {
    const IpAddress plain = address.unmapped();
    if (plain.is_any()) return {.local = true};
    if (plain.family == Family::ipv4) return {.local = is_local4(plain)};
    return standing6(plain, interface);
}

}  // namespace tcpwitness
