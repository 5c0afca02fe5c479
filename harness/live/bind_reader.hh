// Reads of this machine all that decides about a bind(), without making one and without changing anything.
#pragma once

#include "bind/bind_question.hh"

namespace tcpwitness {

struct BindReading {
    BindMachine machine;
    BindSight sight;
};

// In the network namespace that the thread is in. Throws NetlinkError, SystemError.
BindReading read_bind_machine(const WantedBind& wanted);

// net.ipv6.bindv6only of the namespace: what IPV6_V6ONLY is in a new socket.
bool default_v6_only();

}  // namespace tcpwitness
