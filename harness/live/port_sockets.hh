// The TCP sockets that hold a port, from sock_diag: what any user may ask.
#pragma once

#include <vector>

#include "bind/bind_question.hh"

namespace tcpwitness {

// Of the network namespace that the thread is in, both families; `port` 0: of all ports. Request sockets hold no port
// and are left out. Idle sockets, bound and nothing else, are among them since Linux 6.8. Throws NetlinkError.
std::vector<HeldSocket> sockets_on_port(uint16_t port);

// Whether this kernel lists idle sockets.
bool lists_idle_sockets();

}  // namespace tcpwitness
