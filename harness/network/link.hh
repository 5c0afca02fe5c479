// Links, addresses and routes of a stage, through libnl. Every function works in the namespace it is given and throws
// NetlinkError with the message, the object and the kernel's own words. wiring.hh makes a whole stage at once.
#pragma once

#include <chrono>
#include <string>

#include "base/address.hh"
#include "network/namespace.hh"

namespace tcpwitness {

struct LinkEnd {
    const NetworkNamespace* network_namespace = nullptr;
    std::string interface;
    std::string mac;
    int index = 0;  // the number that the interface is to have; 0 at both ends: the kernel chooses
};

// Makes a veth pair with its two ends in two namespaces, both with `mtu` bytes, not yet up. Throws Unsupported when
// this kernel has no veth. The link watch looks at a link at once only when the ends have different numbers, else up to a
// second later (linkwatch_urgent_event() in net/core/link_watch.c; Linux before 6.8 waits for it).
void make_veth_pair(const LinkEnd& a, const LinkEnd& b, int mtu);

// The kernel's number for an interface.
int link_index(const NetworkNamespace& network_namespace, const std::string& interface);

// A link that is up may still drop what it is given, until its carrier is there too: see wait_for_carrier.
void set_link_up(const NetworkNamespace& network_namespace, const std::string& interface, bool up);
void set_link_mtu(const NetworkNamespace& network_namespace, const std::string& interface, int mtu);

// Returns when the link carries packets: up at both ends, and the kernel's link watch has seen it. No packet that is
// sent from then on is lost to the noop qdisc. Throws NetlinkError ETIMEDOUT.
void wait_for_carrier(const NetworkNamespace& network_namespace, const std::string& interface,
                      std::chrono::milliseconds deadline = std::chrono::seconds(10));

// IPv6 addresses are added with IFA_F_NODAD: usable at once.
void add_address(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                 int prefix_length);
void remove_address(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                    int prefix_length);
void add_route(const NetworkNamespace& network_namespace, const IpAddress& destination, int prefix_length,
               const IpAddress& via);

// A permanent neighbour entry, so that no ARP or neighbour discovery packet stands between a step and its segment.
void add_neighbour(const NetworkNamespace& network_namespace, const std::string& interface, const IpAddress& address,
                   const std::string& mac);

// Turns TSO, GSO, GRO, LRO and checksum offload off (ethtool ioctl), so that one segment is one packet with a good
// checksum.
void turn_offloads_off(const NetworkNamespace& network_namespace, const std::string& interface);

}  // namespace tcpwitness
