// The kernel's rule for two sockets and one port (net/ipv4/inet_connection_sock.c, inet_bind_conflict() and
// inet_rcv_saddr_equal()), evaluated with what is known of the other socket.
#pragma once

#include <vector>

#include "bind/bind_question.hh"

namespace tcpwitness {

enum class Certainty : uint8_t { no, yes, depends };

enum class BindFlag : uint8_t { reuse_address, reuse_port, v6_only };

// Whether the addresses of both meet: equal, or one of them is a wildcard that covers the other. Nothing when that
// depends on an unobserved IPV6_V6ONLY.
std::optional<bool> addresses_meet(const WantedBind& wanted, const HeldSocket& held);

struct Conflict {
    Certainty certainty = Certainty::no;
    std::vector<BindFlag> depends_on;  // unobserved options of the held socket that decide; none: the kernel does
};

Conflict conflict_between(const WantedBind& wanted, const HeldSocket& held);

// The two sockets that a kernel with `may_overlook_mapped_wildcard` may not compare.
bool is_overlooked_pair(const WantedBind& wanted, const HeldSocket& held);

// The wanted socket's IPV6_V6ONLY after bind(): bind() to a specific IPv6 address sets it.
bool is_v6_only_when_bound(const WantedBind& wanted);

}  // namespace tcpwitness
