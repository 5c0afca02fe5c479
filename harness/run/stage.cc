#include "run/stage.hh"

#include <algorithm>

#include "base/error.hh"
#include "network/link.hh"
#include "network/sysctl.hh"

namespace tcpwitness {
namespace {

bool is_of_interface(const PlanNetwork& network, const std::string& key) {
    const auto names = [&key](const PlanInterface& interface) {
        return key.find("." + interface.name + ".") != std::string::npos;
    };
    return std::any_of(network.links.begin(), network.links.end(),
                       [&](const PlanLink& link) { return names(link.a) || names(link.b); });
}

}  // namespace

Stage::Stage(const PlanNetwork& network) : network_(network) {
    for (const PlanHost& host : network_.hosts) {
        hosts_.try_emplace(host.name, host.name);
        set_link_up(hosts_.at(host.name), "lo", true);
    }
    set_sysctls(false);  // before the links, which inherit their defaults
    make_links();
    set_sysctls(true);
    for (const PlanRoute& route : network_.routes)
        add_route(host(route.host), route.destination.ip, route.destination.prefix_length, route.via);
}

const NetworkNamespace& Stage::host(const std::string& name) const {
    const auto found = hosts_.find(name);
    if (found == hosts_.end()) throw Error("the plan has no host '" + name + "'");
    return found->second;
}

void Stage::set_sysctls(bool of_interfaces) {
    for (const PlanHost& planned : network_.hosts) {
        for (const auto& [key, value] : planned.sysctls) {
            if (is_of_interface(network_, key) == of_interfaces) set_sysctl(host(planned.name), key, value);
        }
    }
}

void Stage::make_links() {
    for (const PlanLink& link : network_.links) {
        make_veth_pair({&host(link.a.host), link.a.name, link.a.mac}, {&host(link.b.host), link.b.name, link.b.mac},
                       link.mtu);
        for (const PlanInterface* interface : {&link.a, &link.b}) turn_offloads_off(host(interface->host), interface->name);
        for (const PlanInterface* interface : {&link.a, &link.b}) {
            for (const InterfaceAddress& address : interface->addresses)
                add_address(host(interface->host), interface->name, address.ip, address.prefix_length);
        }
        for (const PlanInterface* interface : {&link.a, &link.b}) set_link_up(host(interface->host), interface->name, true);
        make_neighbours(link.a, link.b);
        make_neighbours(link.b, link.a);
    }
}

void Stage::make_neighbours(const PlanInterface& here, const PlanInterface& there) {
    for (const InterfaceAddress& address : there.addresses)
        add_neighbour(host(here.host), here.name, address.ip, there.mac);
}

std::vector<ObservedHost> Stage::observed_hosts() const {
    std::vector<ObservedHost> observed;
    for (const auto& [name, network_namespace] : hosts_) {
        ObservedHost host{.network_namespace = &network_namespace, .has_sockets = name != "path"};
        for (const PlanLink& link : network_.links) {
            for (const PlanInterface* interface : {&link.a, &link.b}) {
                if (interface->host != name) continue;
                host.interfaces.push_back(interface->name);
                for (const InterfaceAddress& address : interface->addresses) host.addresses.push_back(address.ip);
            }
        }
        observed.push_back(std::move(host));
    }
    return observed;
}

std::map<std::string, std::vector<IpAddress>> Stage::addresses() const {
    std::map<std::string, std::vector<IpAddress>> addresses;
    for (const ObservedHost& host : observed_hosts()) addresses[host.network_namespace->name()] = host.addresses;
    return addresses;
}

}  // namespace tcpwitness
