// A whole stage's wiring from plain structs: links, addresses, routes, neighbours and forwarding between namespaces,
// made in few netlink calls and carrying packets when the function returns.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/address.hh"
#include "network/namespace.hh"

namespace tcpwitness {

struct PrefixAddress {
    IpAddress ip;
    int prefix_length = 0;
};

struct WireEnd {
    const NetworkNamespace* network_namespace = nullptr;
    std::string interface;
    std::string mac;
    std::vector<PrefixAddress> addresses;
};

// One veth pair.
struct Wire {
    WireEnd a;
    WireEnd b;
    int mtu = 1500;
};

struct WiredRoute {
    const NetworkNamespace* network_namespace = nullptr;
    PrefixAddress destination;
    IpAddress via;
};

struct WiredHost {
    const NetworkNamespace* network_namespace = nullptr;
    // Set in this order, before the links, which take over their defaults. What belongs to one interface, and IPv6
    // forwarding, follows when the links are there.
    std::vector<std::pair<std::string, std::string>> sysctls;
};

struct Wiring {
    std::vector<WiredHost> hosts;
    std::vector<Wire> wires;
    std::vector<WiredRoute> routes;
};

// Builds it all, loopback interfaces included, in namespaces that are new. When it returns:
// - the first packet that anyone sends arrives: every link has its carrier, every next hop is known (permanent
// neighbour
//   entries), no IPv6 address is tentative;
// - the links are silent until then and afterwards: no link-local addresses, no duplicate address detection, no router
//   solicitation, no multicast listener reports;
// - offloads are off (turn_offloads_off).
// Throws NetlinkError, SystemError, or Unsupported for what this kernel lacks: veth, a sysctl, IPv6 for an IPv6
// address.
void build_wiring(const Wiring& wiring);

}  // namespace tcpwitness
