// Whether a bind() would work, which sockets would stand in its way, and what would have helped: a pure function of
// what was read of the machine.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bind/bind_rules.hh"

namespace tcpwitness {

// Why bind() fails whatever holds the port, in the kernel's own order.
enum class BindRefusal : uint8_t {
    none,
    address_not_local,   // EADDRNOTAVAIL
    address_tentative,   // EADDRNOTAVAIL: duplicate address detection has not ended
    port_privileged,     // EACCES
    multicast,           // EINVAL: an IPv6 multicast address
    mapped_but_v6_only,  // EINVAL
    scope_missing,       // EINVAL: a link-local address without an interface
    interface_missing,   // ENODEV
};

// An option of the wanted socket, or of those that stand in its way.
struct OptionChange {
    enum class Whose : uint8_t { wanted, held };
    Whose whose = Whose::wanted;
    BindFlag flag = BindFlag::reuse_address;

    auto operator<=>(const OptionChange&) const = default;
};

// Options that, all of them set, would make bind() work with the sockets as they are now.
using Remedy = std::set<OptionChange>;

struct BindAnswer {
    Certainty works = Certainty::yes;
    int error = 0;  // the errno of bind() when it fails; when it depends, of the case that it does
    BindRefusal refusal = BindRefusal::none;
    std::vector<Conflict> conflicts;  // one for each socket of the machine, in its order
    std::vector<Remedy> remedies;     // smallest first; none when no option would help
    std::optional<Duration> wait;     // when only sockets without a process stand in the way: until the last has gone
    // Sockets that would share the port, idle: the first of all of them to call listen() gets it, and with SO_REUSEADDR
    // alone listen() of the others is EADDRINUSE.
    std::vector<size_t> rivals;
    // An idle socket that this kernel does not show could change the answer.
    bool may_hide_a_socket = false;
    size_t free_ports = 0;  // with port 0: ports of the range that no socket has and that are not reserved
};

BindAnswer answer_bind(const WantedBind& wanted, const BindMachine& machine);

// Part of answer_bind, in bind_remedies.cc.
std::vector<Remedy> remedies_for(const WantedBind& wanted, const std::vector<HeldSocket>& in_the_way);

// Ports in a list as net.ipv4.ip_local_reserved_ports prints it: "8080,9000-9010".
bool is_in_port_list(const std::string& list, uint16_t port);

}  // namespace tcpwitness
