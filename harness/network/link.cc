#include "network/link.hh"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "base/error.hh"
#include "network/address_watch.hh"
#include "network/netlink.hh"
#include "network/route_message.hh"

namespace tcpwitness {
namespace {

LinkState link_state(const NetworkNamespace& network_namespace, const std::string& interface) {
    LinkState state;
    network_namespace.route_socket().query(get_link_message(interface), [&](const nlmsghdr& header) {
        if (header.nlmsg_type == RTM_NEWLINK) state = parse_link(header);
    });
    return state;
}

bool carries(const LinkState& state) {
    return (state.flags & IFF_UP) != 0 && (state.flags & IFF_RUNNING) != 0;
}

}  // namespace

void make_veth_pair(const LinkEnd& a, const LinkEnd& b, int mtu) {
    try {
        a.network_namespace->route_socket().request(
            veth_message({a.interface, a.mac, -1, a.index},
                         {b.interface, b.mac, b.network_namespace->descriptor(), b.index}, mtu));
    } catch (const NetlinkError& error) {
        if (error.error_number() != EOPNOTSUPP) throw;
        throw Unsupported(std::string("this kernel has no veth: ") + error.what());
    }
}

int link_index(const NetworkNamespace& network_namespace, const std::string& interface) {
    return link_state(network_namespace, interface).index;
}

void set_link_up(const NetworkNamespace& network_namespace, const std::string& interface, bool up) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().request(link_flags_message(index, interface, up ? IFF_UP : 0, IFF_UP));
}

void set_link_mtu(const NetworkNamespace& network_namespace, const std::string& interface, int mtu) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().request(link_mtu_message(index, interface, mtu));
}

// IFF_RUNNING is set under the RTNL lock together with the change from the noop qdisc to the real one
// (net/core/link_watch.c). Since Linux 6.8 RTM_GETLINK does the link watch's work itself; before, the event tells.
void wait_for_carrier(const NetworkNamespace& network_namespace, const std::string& interface,
                      std::chrono::milliseconds deadline) {
    if (carries(link_state(network_namespace, interface))) return;
    NetlinkSocket& socket = network_namespace.route_socket();
    socket.join(RTNLGRP_LINK);
    bool carrying = false;
    const auto look = [&](const nlmsghdr& header) {
        if (header.nlmsg_type != RTM_NEWLINK) return;
        const LinkState state = parse_link(header);
        carrying = carrying || (state.interface == interface && carries(state));
    };
    // The event may come between the answer and its acknowledgment.
    socket.query(get_link_message(interface), look, look);
    const auto is_there = [&](const nlmsghdr& header) {
        look(header);
        return carrying;
    };
    if (!carrying) socket.listen(is_there, deadline, "carrier of " + network_namespace.name() + " " + interface);
    socket.leave(RTNLGRP_LINK);
}

void add_address(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                 int prefix_length) {
    const int index = link_index(network_namespace, interface);
    AddressWatch watch(network_namespace);
    watch.add(index, interface, address, prefix_length);
    watch.wait();
}

void remove_address(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                    int prefix_length) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().request(address_message(Change::remove, index, interface, address, prefix_length));
}

void add_route(const NetworkNamespace& network_namespace, const IpAddress& destination, int prefix_length,
               const IpAddress& via) {
    network_namespace.route_socket().request(route_message(Change::add, destination, prefix_length, via));
}

void add_neighbour(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                   const std::string& mac) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().request(neighbour_message(index, interface, address, mac));
}

}  // namespace tcpwitness
