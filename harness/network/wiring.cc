#include "network/wiring.hh"

#include <linux/if.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

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
    bool router = false;
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
    for (const NetworkNamespace* router : wiring.routers) place_of(places, router).router = true;
    return places;
}

// New namespaces take their IPv4 interface settings from the machine's first one (net.core.devconf_inherit_init_net),
// so what matters here is set, whatever the machine's own forwarding and filtering are. Links that are made later
// follow.
void set_ipv4_defaults(const Place& place) {
    set_sysctls(*place.network_namespace, {{"net.ipv4.ip_forward", place.router ? "1" : "0"},
                                           {"net.ipv4.conf.all.rp_filter", "0"},
                                           {"net.ipv4.conf.default.rp_filter", "0"}});
}

void make_wire(const Wire& wire) {
    make_veth_pair({wire.a.network_namespace, wire.a.interface, wire.a.mac},
                   {wire.b.network_namespace, wire.b.interface, wire.b.mac}, wire.mtu);
}

bool has_ipv6() {
    return access("/proc/net/if_inet6", F_OK) == 0;
}

// The kernel joins multicast groups (all routers, solicited nodes) and reports that on the wire, unless the link says
// that it has no multicast and needs no neighbour discovery while addresses and forwarding are set. The flags are given
// back before anyone uses the link.
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

void bring_up(Place& place) {
    for (const PlacedEnd& end : place.ends) {
        place.requests.push_back(link_flags_message(end.index, end.own->interface, IFF_UP, IFF_UP));
    }
    place.send();
}

void add_addresses(Place& place) {
    place.addresses = std::make_unique<AddressWatch>(*place.network_namespace);
    for (const PlacedEnd& end : place.ends) {
        wait_for_carrier(*place.network_namespace, end.own->interface);
        for (const PrefixAddress& address : end.own->addresses) {
            place.addresses->add(end.index, end.own->interface, address.ip, address.prefix_length);
        }
    }
    place.addresses->send();
}

void add_routes(Place& place, const std::vector<WiredRoute>& routes) {
    place.addresses->wait();
    for (const WiredRoute& route : routes) {
        if (route.network_namespace != place.network_namespace) continue;
        place.requests.push_back(
            route_message(Change::add, route.destination.ip, route.destination.prefix_length, route.via));
    }
    // A change of IFF_NOARP empties the neighbour table, so the neighbours come after it.
    for (const PlacedEnd& end : place.ends) {
        const std::string& interface = end.own->interface;
        place.requests.push_back(link_flags_message(end.index, interface, IFF_MULTICAST, IFF_NOARP | IFF_MULTICAST));
        for (const PrefixAddress& address : end.peer->addresses) {
            place.requests.push_back(neighbour_message(end.index, interface, address.ip, end.peer->mac));
        }
    }
    place.send();
}

}  // namespace

void build_wiring(const Wiring& wiring) {
    std::vector<Place> places = places_of(wiring);
    for (const Place& place : places) set_ipv4_defaults(place);
    for (const Wire& wire : wiring.wires) make_wire(wire);
    for (Place& place : places) {
        make_quiet(place);
        for (const PlacedEnd& end : place.ends) turn_offloads_off(*place.network_namespace, end.own->interface);
        if (place.router && has_ipv6()) set_sysctl(*place.network_namespace, "net.ipv6.conf.all.forwarding", "1");
        bring_up(place);
    }
    for (Place& place : places) add_addresses(place);
    for (Place& place : places) add_routes(place, wiring.routes);
}

}  // namespace tcpwitness
