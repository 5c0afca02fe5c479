#include "bind/bind_answer.hh"

#include <algorithm>
#include <cerrno>
#include <sstream>

namespace tcpwitness {
namespace {

bool is_link_local(const IpAddress& address) {
    return address.family == Family::ipv6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

bool is_ipv6_multicast(const IpAddress& address) {
    return address.family == Family::ipv6 && address.bytes[0] == 0xff;
}

bool is_privileged(const WantedBind& wanted, const BindMachine& machine) {
    return wanted.address.port != 0 && wanted.address.port < machine.first_unprivileged_port &&
           !wanted.may_bind_any_port;
}

BindRefusal not_available(const BindMachine& machine) {
    if (machine.address_is_local || machine.nonlocal_bind) return BindRefusal::none;
    return machine.address_is_tentative ? BindRefusal::address_tentative : BindRefusal::address_not_local;
}

// __inet_bind(): the address is looked at first.
BindRefusal refusal_ipv4(const WantedBind& wanted, const BindMachine& machine) {
    if (const BindRefusal refusal = not_available(machine); refusal != BindRefusal::none) return refusal;
    return is_privileged(wanted, machine) ? BindRefusal::port_privileged : BindRefusal::none;
}

// __inet6_bind(): the port is looked at first.
BindRefusal refusal_ipv6(const WantedBind& wanted, const BindMachine& machine) {
    const IpAddress& address = wanted.address.ip;
    if (is_ipv6_multicast(address)) return BindRefusal::multicast;
    if (is_privileged(wanted, machine)) return BindRefusal::port_privileged;
    if (address.unmapped().family == Family::ipv4 && wanted.v6_only) return BindRefusal::mapped_but_v6_only;
    if (is_link_local(address) && wanted.interface == 0) return BindRefusal::scope_missing;
    if (!machine.interface_exists) return BindRefusal::interface_missing;
    return not_available(machine);
}

int error_of(BindRefusal refusal) {
    switch (refusal) {
        case BindRefusal::none:
            return 0;
        case BindRefusal::address_not_local:
        case BindRefusal::address_tentative:
            return EADDRNOTAVAIL;
        case BindRefusal::port_privileged:
            return EACCES;
        case BindRefusal::interface_missing:
            return ENODEV;
        default:
            return EINVAL;
    }
}

size_t count_free_ports(const BindMachine& machine) {
    std::set<uint16_t> taken;
    for (const HeldSocket& socket : machine.sockets) taken.insert(socket.local.port);
    size_t free = 0;
    for (unsigned port = machine.local_ports.low; port <= machine.local_ports.high; ++port) {
        const auto number = static_cast<uint16_t>(port);
        if (!taken.contains(number) && !is_in_port_list(machine.reserved_ports, number)) ++free;
    }
    return free;
}

// With port 0 the kernel looks for a port that conflicts with nothing. A port that some socket has may do too, so that
// none being free does not mean that none will be found.
void answer_any_port(const BindMachine& machine, BindAnswer& answer) {
    answer.free_ports = count_free_ports(machine);
    if (answer.free_ports > 0) return;
    answer.works = Certainty::depends;
    answer.error = EADDRINUSE;
}

std::optional<Duration> longest_wait(const std::vector<HeldSocket>& in_the_way) {
    Duration longest{};
    for (const HeldSocket& socket : in_the_way) {
        if (socket.inode != 0 || !socket.left) return std::nullopt;
        longest = std::max(longest, *socket.left);
    }
    return longest;
}

Conflict conflict_on(const BindMachine& machine, const WantedBind& wanted, const HeldSocket& held) {
    const bool overlooked = machine.may_overlook_mapped_wildcard && is_overlooked_pair(wanted, held);
    Conflict conflict = conflict_between(wanted, held);
    if (overlooked && conflict.certainty != Certainty::no) return {.certainty = Certainty::depends};
    return conflict;
}

void answer_port(const WantedBind& wanted, const BindMachine& machine, BindAnswer& answer) {
    std::vector<HeldSocket> in_the_way;
    for (size_t index = 0; index < machine.sockets.size(); ++index) {
        const HeldSocket& held = machine.sockets[index];
        const Conflict& conflict = answer.conflicts.emplace_back(conflict_on(machine, wanted, held));
        if (conflict.certainty != Certainty::no) in_the_way.push_back(held);
        if (conflict.certainty == Certainty::yes) answer.works = Certainty::no;
        if (conflict.certainty == Certainty::depends && answer.works == Certainty::yes)
            answer.works = Certainty::depends;
        const bool shares = conflict.certainty == Certainty::no && addresses_meet(wanted, held).value_or(true);
        const bool also_by_port =
            wanted.reuse_port && held.options.reuse_port.value_or(false) && held.user == wanted.user;
        if (shares && held.state == TcpState::closed && !also_by_port) answer.rivals.push_back(index);
    }
    answer.may_hide_a_socket = !machine.sees_idle_sockets && answer.works != Certainty::no;
    if (answer.works == Certainty::yes) return;
    answer.error = EADDRINUSE;
    answer.remedies = remedies_for(wanted, in_the_way);
    answer.wait = longest_wait(in_the_way);
}

}  // namespace

bool is_in_port_list(const std::string& list, uint16_t port) {
    std::istringstream parts(list);
    for (std::string part; std::getline(parts, part, ',');) {
        unsigned low = 0;
        unsigned high = 0;
        const int read = std::sscanf(part.c_str(), "%u-%u", &low, &high);
        if (read == 1) high = low;
        if (read >= 1 && low <= port && port <= high) return true;
    }
    return false;
}

BindAnswer answer_bind(const WantedBind& wanted, const BindMachine& machine) {
    BindAnswer answer;
    const bool ipv4 = wanted.address.ip.family == Family::ipv4;
    answer.refusal = ipv4 ? refusal_ipv4(wanted, machine) : refusal_ipv6(wanted, machine);
    if (answer.refusal != BindRefusal::none) {
        answer.works = Certainty::no;
        answer.error = error_of(answer.refusal);
        return answer;
    }
    if (wanted.address.port == 0)
        answer_any_port(machine, answer);
    else
        answer_port(wanted, machine, answer);
    return answer;
}

}  // namespace tcpwitness
