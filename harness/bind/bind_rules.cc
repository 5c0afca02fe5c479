#include "bind/bind_rules.hh"

namespace tcpwitness {
namespace {

bool is_mapped(const IpAddress& address) {
    return address.unmapped().family != address.family;
}

// sk_rcv_saddr: 0.0.0.0 of a wildcard of either family; of a socket with an IPv6 address the kernel's LOOPBACK4_IPV6,
// which is no wildcard.
bool is_wildcard4(const IpAddress& address) {
    return address.is_any() || (is_mapped(address) && address.unmapped().is_any());
}

// ipv4_rcv_saddr_equal(), the wanted socket being of IPv4.
bool meet_ipv4(const IpAddress& wanted, const HeldSocket& held, bool held_v6_only) {
    if (held_v6_only) return false;
    return wanted.is_any() || is_wildcard4(held.local.ip) || wanted == held.local.ip.unmapped();
}

// ipv6_rcv_saddr_equal(), the wanted socket being of IPv6.
bool meet_ipv6(const WantedBind& wanted, const HeldSocket& held, bool held_v6_only) {
    const IpAddress& mine = wanted.address.ip;
    const IpAddress& other = held.local.ip;
    const bool mine_is_ipv4 = is_mapped(mine);
    const bool other_is_ipv4 = held.family == Family::ipv4 || is_mapped(other);
    if (mine_is_ipv4 && other_is_ipv4)
        return !held_v6_only && (mine.unmapped() == other.unmapped() || is_wildcard4(mine) || is_wildcard4(other));
    const bool other_is_any6 = held.family == Family::ipv6 && other.is_any();
    if (mine.is_any() && other_is_any6) return true;
    if (other_is_any6) return !(held_v6_only && mine_is_ipv4);
    if (mine.is_any()) return !(is_v6_only_when_bound(wanted) && other_is_ipv4);
    return held.family == Family::ipv6 && mine == other;
}

bool meet(const WantedBind& wanted, const HeldSocket& held, bool held_v6_only) {
    if (wanted.address.ip.family == Family::ipv4) return meet_ipv4(wanted.address.ip, held, held_v6_only);
    return meet_ipv6(wanted, held, held_v6_only);
}

bool interfaces_meet(const WantedBind& wanted, const HeldSocket& held) {
    return wanted.interface == 0 || held.interface == 0 || wanted.interface == held.interface;
}

// inet_bind_conflict() with an explicit port (relax and reuseport_ok are true). A mini-socket's state is TIME_WAIT for
// it, whatever its substate.
bool in_conflict(const WantedBind& wanted, const HeldSocket& held) {
    if (!meet(wanted, held, *held.options.v6_only)) return false;
    if (wanted.reuse_address && *held.options.reuse_address && held.state != TcpState::listen) return false;
    const bool same_user = held.mini_socket || held.user == wanted.user;
    return !(wanted.reuse_port && *held.options.reuse_port && same_user);
}

std::optional<bool>& option(HeldSocket& socket, BindFlag flag) {
    switch (flag) {
        case BindFlag::reuse_address:
            return socket.options.reuse_address;
        case BindFlag::reuse_port:
            return socket.options.reuse_port;
        default:
            return socket.options.v6_only;
    }
}

std::vector<BindFlag> unobserved(HeldSocket held) {
    std::vector<BindFlag> flags;
    for (const BindFlag flag : {BindFlag::reuse_address, BindFlag::reuse_port, BindFlag::v6_only}) {
        if (!option(held, flag)) flags.push_back(flag);
    }
    return flags;
}

// `held` with the unobserved options as the bits of `choice` say.
HeldSocket assumed(HeldSocket held, const std::vector<BindFlag>& flags, unsigned choice) {
    for (size_t bit = 0; bit < flags.size(); ++bit) option(held, flags[bit]) = (choice >> bit & 1U) != 0;
    return held;
}

}  // namespace

bool is_v6_only_when_bound(const WantedBind& wanted) {
    const IpAddress& address = wanted.address.ip;
    if (address.family == Family::ipv4) return false;
    return wanted.v6_only || (!address.is_any() && !is_mapped(address));
}

// inet_bind2_bucket_match_addr_any() of these kernels: the bucket of ::ffff:0.0.0.0 is not that of ::.
bool is_overlooked_pair(const WantedBind& wanted, const HeldSocket& held) {
    const IpAddress& other = held.local.ip;
    return is_mapped(wanted.address.ip) && !is_wildcard4(wanted.address.ip) && is_mapped(other) && is_wildcard4(other);
}

std::optional<bool> addresses_meet(const WantedBind& wanted, const HeldSocket& held) {
    if (!interfaces_meet(wanted, held)) return false;
    if (held.options.v6_only) return meet(wanted, held, *held.options.v6_only);
    const bool when_on = meet(wanted, held, true);
    if (when_on != meet(wanted, held, false)) return std::nullopt;
    return when_on;
}

Conflict conflict_between(const WantedBind& wanted, const HeldSocket& held) {
    if (!interfaces_meet(wanted, held)) return {};
    const std::vector<BindFlag> flags = unobserved(held);
    std::vector<bool> outcomes;
    for (unsigned choice = 0; choice < 1U << flags.size(); ++choice)
        outcomes.push_back(in_conflict(wanted, assumed(held, flags, choice)));
    Conflict conflict;
    for (size_t bit = 0; bit < flags.size(); ++bit) {
        bool decides = false;
        for (unsigned choice = 0; choice < outcomes.size(); ++choice)
            decides = decides || outcomes[choice] != outcomes[choice ^ 1U << bit];
        if (decides) conflict.depends_on.push_back(flags[bit]);
    }
    if (!conflict.depends_on.empty())
        conflict.certainty = Certainty::depends;
    else if (outcomes.front())
        conflict.certainty = Certainty::yes;
    return conflict;
}

}  // namespace tcpwitness
