#include "run/stage.hh"

#include "base/error.hh"

namespace tcpwitness {
namespace {

NetworkNamespace namespace_for(const std::string& host, std::vector<NetworkNamespace>& spare) {
    if (spare.empty()) return NetworkNamespace(host);
    NetworkNamespace taken = std::move(spare.back());
    spare.pop_back();
    taken.rename(host);
    return taken;
}

}  // namespace

Stage::Stage(const PlanNetwork& network, std::vector<NetworkNamespace> spare) : network_(network) {
    for (const PlanHost& host : network_.hosts) hosts_.try_emplace(host.name, namespace_for(host.name, spare));
    build_wiring(wiring());
}

Wiring Stage::wiring() const {
    const auto end = [this](const PlanInterface& interface) {
        WireEnd wire_end{&host(interface.host), interface.name, interface.mac, {}};
        for (const InterfaceAddress& address : interface.addresses)
            wire_end.addresses.push_back({address.ip, address.prefix_length});
        return wire_end;
    };
    Wiring wiring;
    for (const PlanHost& planned : network_.hosts) wiring.hosts.push_back({&host(planned.name), planned.sysctls});
    for (const PlanLink& link : network_.links) wiring.wires.push_back({end(link.a), end(link.b), link.mtu});
    for (const PlanRoute& route : network_.routes) {
        wiring.routes.push_back(
            {&host(route.host), {route.destination.ip, route.destination.prefix_length}, route.via});
    }
    return wiring;
}

const NetworkNamespace& Stage::host(const std::string& name) const {
    const auto found = hosts_.find(name);
    if (found == hosts_.end()) throw Error("the plan has no host '" + name + "'");
    return found->second;
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
