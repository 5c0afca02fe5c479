#include "plan/addressing.hh"

#include <algorithm>
#include <stdexcept>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr int kPrefix4 = 24;
constexpr int kPrefix6 = 64;

IpAddress address(std::string_view text) {
    const std::optional<IpAddress> parsed = IpAddress::parse(text);
    if (!parsed) throw Error("not an address: " + std::string(text));
    return *parsed;
}

// One place on the network: an interface and its addresses.
struct Place {
    std::string_view host;
    std::string_view interface;
    std::string_view mac;
    std::string_view ipv4;
    std::string_view ipv6;
};

// The ends of a link have the same subnet number in their third byte. Locally administered addresses (02:...).
constexpr Place kClient{"client", "client0", "02:00:00:00:01:01", "10.0.1.1", "fd00:0:0:1::1"};
constexpr Place kPathToClient{"path", "path0", "02:00:00:00:01:fe", "10.0.1.254", "fd00:0:0:1::fe"};
constexpr Place kPathToServer{"path", "path1", "02:00:00:00:02:fe", "10.0.2.254", "fd00:0:0:2::fe"};
constexpr Place kServer{"server", "server0", "02:00:00:00:02:02", "10.0.2.2", "fd00:0:0:2::2"};
constexpr Place kServerDirect{"server", "server0", "02:00:00:00:01:02", "10.0.1.2", "fd00:0:0:1::2"};

PlanInterface interface_at(const Place& place, bool ipv6) {
    PlanInterface interface {
        .host = std::string(place.host), .name = std::string(place.interface), .mac = std::string(place.mac),
        .addresses = {
            {address(place.ipv4), kPrefix4}
        }
    };
    if (ipv6) interface.addresses.push_back({address(place.ipv6), kPrefix6});
    return interface;
}

void add_default_routes(PlanNetwork& network, const Place& host, const Place& router, bool ipv6) {
    network.routes.push_back({std::string(host.host), {IpAddress::any(Family::ipv4), 0}, address(router.ipv4)});
    if (ipv6)
        network.routes.push_back({std::string(host.host), {IpAddress::any(Family::ipv6), 0}, address(router.ipv6)});
}

using Sysctls = std::vector<std::pair<std::string, std::string>>;

// What a namespace takes over from the host it is made on, or does on its own, and would make runs differ. Reverse path
// filters and forwarding are copied from the first namespace (net.core.devconf_inherit_init_net); the rest keeps IPv6
// from sending packets of its own. TCP's settings are the kernel's own defaults and are left alone.
Sysctls pinned_sysctls(const std::string& host, bool ipv6) {
    const std::string forwarding = host == "path" ? "1" : "0";
    Sysctls sysctls{{"net.ipv4.ip_forward", forwarding},
                    {"net.ipv4.conf.all.rp_filter", "0"},
                    {"net.ipv4.conf.default.rp_filter", "0"}};
    if (!ipv6) return sysctls;
    const Sysctls more{
        {"net.ipv6.conf.all.disable_ipv6", "0"},      {"net.ipv6.conf.default.disable_ipv6", "0"},
        {"net.ipv6.conf.all.forwarding", forwarding}, {"net.ipv6.conf.default.accept_dad", "0"},
        {"net.ipv6.conf.default.accept_ra", "0"},     {"net.ipv6.conf.default.router_solicitations", "0"}};
    sysctls.insert(sysctls.end(), more.begin(), more.end());
    return sysctls;
}

PlanHost plan_host(const std::string& name, const CaseStory& story, bool ipv6) {
    PlanHost host{name, pinned_sysctls(name, ipv6)};
    for (const CaseSysctl& sysctl : story.sysctls) {
        if (sysctl.host != name) continue;
        const auto same = std::find_if(host.sysctls.begin(), host.sysctls.end(),
                                       [&](const auto& each) { return each.first == sysctl.key; });
        if (same != host.sysctls.end()) host.sysctls.erase(same);
        host.sysctls.emplace_back(sysctl.key, sysctl.value);
    }
    return host;
}

const Place& place_of(const std::string& host, bool direct, const std::string& from) {
    if (host == "client") return kClient;
    if (host == "path") return from == "server" ? kPathToServer : kPathToClient;
    return direct ? kServerDirect : kServer;
}

IpAddress loopback(Family family) {
    return address(family == Family::ipv4 ? "127.0.0.1" : "::1");
}

IpAddress as_mapped(const IpAddress& ip) {
    return address("::ffff:" + to_string(ip));
}

}  // namespace

IpAddress host_address(const std::string& host, Family family, bool direct, const std::string& from) {
    const Place& place = place_of(host, direct, from);
    return address(family == Family::ipv4 ? place.ipv4 : place.ipv6);
}

IpAddress endpoint_address(const Endpoint& endpoint, Family socket_family, bool direct, const std::string& from) {
    const Family family = endpoint.family.value_or(socket_family);
    IpAddress ip = IpAddress::any(family);
    switch (endpoint.kind) {
        case Endpoint::Host::any:
            break;
        case Endpoint::Host::loopback:
            ip = loopback(family);
            break;
        case Endpoint::Host::named:
            ip = host_address(endpoint.host, family, direct, from);
            break;
        case Endpoint::Host::literal:
            ip = endpoint.ip;
            break;
    }
    return endpoint.mapped ? as_mapped(ip) : ip;
}

PlanNetwork plan_network(const CaseStory& story, const Settings& settings) {
    const bool ipv6 = settings.machine().has(feature::kIpv6);
    PlanNetwork network{.topology = story.direct ? Topology::direct : Topology::path, .family = settings.family()};
    network.hosts.push_back(plan_host("client", story, ipv6));
    if (!story.direct) network.hosts.push_back(plan_host("path", story, ipv6));
    network.hosts.push_back(plan_host("server", story, ipv6));
    const PlanInterface client = interface_at(kClient, ipv6);
    if (story.direct) {
        network.links.push_back({client, interface_at(kServerDirect, ipv6), story.mtu});
        return network;
    }
    network.links.push_back({client, interface_at(kPathToClient, ipv6), story.mtu});
    network.links.push_back({interface_at(kPathToServer, ipv6), interface_at(kServer, ipv6), story.mtu});
    add_default_routes(network, kClient, kPathToClient, ipv6);
    add_default_routes(network, kServer, kPathToServer, ipv6);
    return network;
}

void forward_in_user_space(PlanNetwork& network) {
    network.forwarder = true;
    for (PlanHost& host : network.hosts) {
        if (host.name != "path") continue;
        for (auto& [key, value] : host.sysctls) {
            if (key == "net.ipv4.ip_forward" || key == "net.ipv6.conf.all.forwarding") value = "0";
        }
    }
}

}  // namespace tcpwitness
