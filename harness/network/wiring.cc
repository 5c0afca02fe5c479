#include "network/wiring.hh"

#include <linux/if.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/error.hh"
#include "network/address_watch.hh"
#include "network/link.hh"
#include "network/netlink.hh"
#include "network/route_message.hh"
#include "network/sysctl.hh"

namespace tcpwitness {
namespace {

constexpr int kLoopbackIndex = 1;  // LOOPBACK_IFINDEX, in every namespace

struct PlacedEnd {
    const WireEnd* own = nullptr;
    const WireEnd* peer = nullptr;
    int index = 0;
};

// One namespace with the ends in it and the requests that wait to be sent to it.
struct Place {
    const NetworkNamespace* network_namespace = nullptr;
    std::vector<PlacedEnd> ends;
    const WiredHost* host = nullptr;
    std::vector<NetlinkMessage> requests;
    std::unique_ptr<AddressWatch> addresses;

    void send() {
        network_namespace->route_socket().request(requests);
        requests.clear();
    }
};

Place& place_of(std::vector<Place>& places, const NetworkNamespace* network_namespace) {
    const auto found = std::find_if(places.begin(), places.end(),
                                    [&](const Place& place) { return place.network_namespace == network_namespace; });
    if (found != places.end()) return *found;
    places.push_back({network_namespace});
    return places.back();
}

std::vector<Place> places_of(const Wiring& wiring) {
    std::vector<Place> places;
    for (const Wire& wire : wiring.wires) {
        place_of(places, wire.a.network_namespace).ends.push_back({&wire.a, &wire.b});
        place_of(places, wire.b.network_namespace).ends.push_back({&wire.b, &wire.a});
    }
    for (const WiredHost& host : wiring.hosts) place_of(places, host.network_namespace).host = &host;
    return places;
}

// With IPv6 forwarding a host joins the group of all routers on every link that has multicast, and reports that on the
// wire: it must wait until the links are quiet (make_quiet).
bool needs_links(const Place& place, const std::string& key) {
    if (key == "net.ipv6.conf.all.forwarding" || key == "net.ipv6.conf.default.forwarding") return true;
    return std::any_of(place.ends.begin(), place.ends.end(), [&](const PlacedEnd& end) {
        return key.find("." + end.own->interface + ".") != std::string::npos;
    });
}

void set_host_sysctls(const Place& place, bool with_links) {
    if (place.host == nullptr) return;
    std::vector<std::pair<std::string, std::string>> settings;
    for (const auto& setting : place.host->sysctls) {
        if (needs_links(place, setting.first) == with_links) settings.push_back(setting);
    }
    if (!settings.empty()) set_sysctls(*place.network_namespace, settings);
}

// No two ends have the same number: see make_veth_pair().
void make_wires(const std::vector<Wire>& wires) {
    int index = kLoopbackIndex;
    for (const Wire& wire : wires) {
        const int a = ++index;
        const int b = ++index;
        make_veth_pair({wire.a.network_namespace, wire.a.interface, wire.a.mac, a},
                       {wire.b.network_namespace, wire.b.interface, wire.b.mac, b}, wire.mtu);
    }
}

bool has_ipv6() {
    return access("/proc/net/if_inet6", F_OK) == 0;
}

bool uses_ipv6(const Wiring& wiring) {
    const auto in = [](const WireEnd& end) {
        return std::any_of(end.addresses.begin(), end.addresses.end(),
                           [](const PrefixAddress& address) { return address.ip.family == Family::ipv6; });
    };
    return std::any_of(wiring.wires.begin(), wiring.wires.end(),
                       [&](const Wire& wire) { return in(wire.a) || in(wire.b); });
}

// The kernel joins multicast groups (all routers, solicited nodes) and reports that on the wire, unless the link says
// that it has no multicast and needs no neighbour discovery while forwarding and addresses are set. All that happens
// before the link is up (bring_up gives the flags back): a change of IFF_NOARP on a link that is up has the kernel
// start the addresses over again.
void make_quiet(Place& place) {
    const bool ipv6 = has_ipv6();
    place.requests.push_back(link_flags_message(kLoopbackIndex, "lo", IFF_UP, IFF_UP));
    for (PlacedEnd& end : place.ends) {
        const std::string& interface = end.own->interface;
        end.index = link_index(*place.network_namespace, interface);
        place.requests.push_back(link_flags_message(end.index, interface, IFF_NOARP, IFF_NOARP | IFF_MULTICAST));
        if (ipv6) place.requests.push_back(no_link_local_message(end.index, interface));
    }
    place.send();
}

void add_addresses(Place& place) {
    place.addresses = std::make_unique<AddressWatch>(*place.network_namespace);
    for (const PlacedEnd& end : place.ends) {
        for (const PrefixAddress& address : end.own->addresses) {
            place.addresses->add(end.index, end.own->interface, address.ip, address.prefix_length);
        }
    }
    place.addresses->send();
}

void bring_up(Place& place) {
    place.addresses->wait();
    for (const PlacedEnd& end : place.ends) {
        const std::string& interface = end.own->interface;
        place.requests.push_back(link_flags_message(end.index, interface, IFF_MULTICAST, IFF_NOARP | IFF_MULTICAST));
        place.requests.push_back(link_flags_message(end.index, interface, IFF_UP, IFF_UP));
    }
    place.send();
}

void add_routes(Place& place, const std::vector<WiredRoute>& routes) {
    for (const PlacedEnd& end : place.ends) {
        const std::string& interface = end.own->interface;
        wait_for_carrier(*place.network_namespace, interface);
        for (const PrefixAddress& address : end.peer->addresses) {
            place.requests.push_back(neighbour_message(end.index, interface, address.ip, end.peer->mac));
        }
    }
    for (const WiredRoute& route : routes) {
        if (route.network_namespace != place.network_namespace) continue;
        place.requests.push_back(
            route_message(Change::add, route.destination.ip, route.destination.prefix_length, route.via));
    }
    place.send();
}

}  // namespace

void build_wiring(const Wiring& wiring) {
    if (uses_ipv6(wiring) && !has_ipv6()) throw Unsupported("this kernel has no IPv6");
    std::vector<Place> places = places_of(wiring);
    for (const Place& place : places) set_host_sysctls(place, false);
    make_wires(wiring.wires);
    for (Place& place : places) {
        make_quiet(place);
        set_host_sysctls(place, true);
        add_addresses(place);
    }
    for (Place& place : places) {
        for (const PlacedEnd& end : place.ends) turn_offloads_off(*place.network_namespace, end.own->interface);
    }
    for (Place& place : places) bring_up(place);
    for (Place& place : places) add_routes(place, wiring.routes);
}

}  // namespace tcpwitness
