// rtnetlink requests for links, addresses, routes and neighbours, built but not sent; NetlinkSocket::request sends
// them, several at once where that is wanted.
#pragma once

#include <optional>
#include <string>

#include "base/address.hh"
#include "network/netlink.hh"

namespace tcpwitness {

struct VethEnd {
    std::string interface;
    std::string mac;                // "02:00:00:00:01:01"
    int namespace_descriptor = -1;  // where the end is made; -1: in the namespace of the socket that sends
    int index = 0;                  // 0 at both ends: the kernel chooses
};

// Both ends are made where they belong: moving a link between namespaces costs two RCU grace periods.
NetlinkMessage veth_message(const VethEnd& a, const VethEnd& b, int mtu);

// Sets those of the IFF_ flags that are in `mask`.
NetlinkMessage link_flags_message(int index, const std::string& interface, unsigned flags, unsigned mask);
NetlinkMessage link_mtu_message(int index, const std::string& interface, int mtu);
// No link-local IPv6 address is made when the link comes up: no duplicate address detection, no router solicitation.
NetlinkMessage no_link_local_message(int index, const std::string& interface);
NetlinkMessage get_link_message(const std::string& interface);

enum class Change { add, remove };
// IPv6 addresses are added with IFA_F_NODAD: usable at once.
NetlinkMessage address_message(Change change, int index, const std::string& interface, const IpAddress& address,
                               int prefix_length);
NetlinkMessage route_message(Change change, const IpAddress& destination, int prefix_length, const IpAddress& via);
// What RTM_NEWADDR tells of an address; nothing for a header of another type.
std::optional<IpAddress> parse_new_address(const nlmsghdr& header);

// A permanent entry; one that is there is replaced.
NetlinkMessage neighbour_message(int index, const std::string& interface, const IpAddress& address,
                                 const std::string& mac);

// What RTM_NEWLINK tells of a link.
struct LinkState {
    int index = 0;
    unsigned flags = 0;  // IFF_UP, IFF_RUNNING, ...
    std::string interface;
};
LinkState parse_link(const nlmsghdr& header);

}  // namespace tcpwitness
