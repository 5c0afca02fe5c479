#include "faults/path_tricks.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "network/link.hh"

namespace tcpwitness {
namespace {

PathPort port_of(const PlanInterface& path, const PlanInterface& host) {
    PathPort port{.interface = path.name, .host_mac = host.mac};
    for (const InterfaceAddress& address : path.addresses) port.addresses.push_back(address.ip);
    return port;
}

}  // namespace

PathTricks::PathTricks(const PlanNetwork& network, uint64_t seed, Hosts hosts, Forwarder::Clock clock,
                       Forwarder::Emit emit)
    : family_(network.family), hosts_(std::move(hosts)), emit_(std::move(emit)), queues_(seed) {
    for (const PlanLink& link : network.links) {
        for (const auto& [path, host] : {std::pair(&link.a, &link.b), std::pair(&link.b, &link.a)}) {
            if (path->host == "path") sides_[host->host] = {*path, *host, nullptr};
        }
    }
    if (!network.forwarder) return;
    const Side& client = side("client");
    const Side& server = side("server");
    forwarder_ = std::make_unique<Forwarder>(hosts_("path"), port_of(client.path, client.host),
                                             port_of(server.path, server.host), std::move(clock), emit_);
}

PathTricks::Side& PathTricks::side(const std::string& host) {
    const auto found = sides_.find(host);
    if (found == sides_.end()) throw Error(fmt::format("there is no path to {} in this topology", host));
    return found->second;
}

std::vector<int> PathTricks::descriptors() const {
    return forwarder_ ? forwarder_->descriptors() : std::vector<int>();
}

std::optional<Instant> PathTricks::next_due() const {
    return forwarder_ ? forwarder_->next_due() : std::nullopt;
}

void PathTricks::work() {
    if (forwarder_) forwarder_->work();
}

// What has come to path before the step is not touched by it.
void PathTricks::perform(int step, const PathTrick& trick, const std::vector<Socket>& sockets,
                         const std::vector<Event>& events) {
    work();
    learn(sockets, events);
    if (needs_forwarder(trick) && !forwarder_) throw Error("the plan has no forwarder for this step");
    std::visit([this, step](const auto& each) { perform(step, each); }, trick);
}

void PathTricks::learn(const std::vector<Socket>& sockets, const std::vector<Event>& events) {
    sockets_ = sockets;
    for (; events_learned_ < events.size(); ++events_learned_) {
        if (const auto* seen = std::get_if<SegmentSeen>(&events[events_learned_].body)) numbers_.take(*seen);
    }
}

const IpAddress& PathTricks::address_of(const PlanInterface& interface) const {
    for (const InterfaceAddress& address : interface.addresses) {
        if (address.ip.family == family_) return address.ip;
    }
    throw Error(fmt::format("{} has no {} address", interface.name, to_string(family_)));
}

Situation PathTricks::situation() const {
    Situation situation{.sockets = sockets_, .numbers = numbers_};
    for (const auto& [name, side] : sides_) {
        situation.addresses[name] = address_of(side.host);
        situation.addresses["path > " + name] = address_of(side.path);
    }
    return situation;
}

std::optional<SettledNumber> PathTricks::settled(const std::optional<NumberTest>& test) const {
    if (!test) return std::nullopt;
    SettledNumber number{.relation = test->relation, .absolute = !socket_of(test->number).empty()};
    const uint32_t value = settle(test->number, sockets_, numbers_);
    number.number = number.absolute ? int64_t{value} : int64_t{static_cast<int32_t>(value)};
    return number;
}

Selection PathTricks::selection(const SegmentSelector& selector) const {
    return {selector, settled(selector.sequence), settled(selector.acknowledgment)};
}

void PathTricks::perform(int step, const FaultTrick& trick) {
    forwarder_->forwarding().add(step, trick, selection(trick.selector));
}

void PathTricks::perform(int step, const ReleaseTrick& trick) {
    forwarder_->carry_out(forwarder_->forwarding().release(step, trick));
}

void PathTricks::perform(int step, const BlackholeTrick& trick) {
    forwarder_->forwarding().set_blackhole(step, trick);
}

void PathTricks::perform(int step, const ReplayTrick& trick) {
    forwarder_->carry_out(forwarder_->forwarding().replay(step, trick, selection(trick.selector)));
}

void PathTricks::perform(int step, const MoveTrick& trick) {
    const Side& moved = side(trick.host);
    const Way way = trick.host == "client" ? Way::to_server : Way::to_client;
    if (trick.address && trick.address->family != family_)
        throw Unsupported(fmt::format("{} is not an {} address", to_string(*trick.address), to_string(family_)));
    forwarder_->forwarding().add_move(step, AddressMove(way, address_of(moved.host), trick.address, trick.port));
}

void PathTricks::perform(int step, const InjectTrick& trick) {
    send_forged(step, "inject", trick.way, forge(trick, situation()));
}

void PathTricks::perform(int step, const IcmpTrick& trick) {
    send_forged(step, "icmp", trick.way, forge(trick, situation()));
}

void PathTricks::send_forged(int step, std::string_view action, Way way, const std::string& packet) {
    Side& receiver = side(receiver_of(way));
    if (!receiver.sender)
        receiver.sender = std::make_unique<PacketSender>(hosts_("path"), receiver.path.name, receiver.host.mac);
    emit_({.step = step, .action = std::string(action), .segment = decode_tcp_segment(packet, false)});
    receiver.sender->send(packet);
}

// The cable is cut at path's end: the host sees that its carrier is gone.
void PathTricks::perform(int step, const LinkTrick& trick) {
    const Side& cut = side(trick.host);
    set_link_up(hosts_("path"), cut.path.name, trick.up);
    if (trick.up) restore(cut);
    emit_({.step = step, .action = trick.up ? "link up" : "link down"});
}

// A link that was down has lost its IPv6 addresses and its neighbours.
void PathTricks::restore(const Side& side) {
    const NetworkNamespace& path = hosts_("path");
    wait_for_carrier(path, side.path.name);
    wait_for_carrier(hosts_(side.host.host), side.host.name);
    for (const InterfaceAddress& address : side.path.addresses) {
        if (address.ip.family == Family::ipv6) add_address(path, side.path.name, address.ip, address.prefix_length);
    }
    for (const InterfaceAddress& address : side.host.addresses)
        add_neighbour(path, side.path.name, address.ip, side.host.mac);
}

void PathTricks::perform(int step, const MtuTrick& trick) {
    const Side& changed = side(trick.host);
    set_link_mtu(hosts_("path"), changed.path.name, trick.mtu);
    if (!trick.path_only) set_link_mtu(hosts_(trick.host), changed.host.name, trick.mtu);
    emit_({.step = step, .action = fmt::format("mtu {}", trick.mtu)});
}

std::vector<QueuePlace> PathTricks::places(Way way) {
    std::vector<QueuePlace> places;
    for (const Way each : {Way::to_server, Way::to_client}) {
        if (covers(way, each)) places.push_back({&hosts_("path"), side(receiver_of(each)).path.name});
    }
    return places;
}

void PathTricks::perform(int step, const NetemTrick& trick) {
    queues_.set(step, trick, places(trick.way));
}

void PathTricks::perform(int step, const QueueTrick& trick) {
    const std::optional<Way> way = parse_way(trick.place);
    if (way) return queues_.set(step, trick, places(*way));
    queues_.set(step, trick, {{&hosts_(trick.place), side(trick.place).host.name}});
}

std::vector<std::pair<int, std::string>> PathTricks::shortfalls() {
    std::vector<std::pair<int, std::string>> all = queues_.shortfalls();
    if (forwarder_) {
        work();
        for (auto& each : forwarder_->forwarding().shortfalls()) all.push_back(std::move(each));
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return all;
}

int64_t PathTricks::overflowed() {
    return forwarder_ ? forwarder_->overflowed() : 0;
}

}  // namespace tcpwitness
