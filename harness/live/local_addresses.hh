// Which addresses bind() takes for this host's own.
#pragma once

#include "base/address.hh"

namespace tcpwitness {

struct AddressStanding {
    bool local = false;
    bool tentative = false;  // an IPv6 address whose duplicate address detection has not ended, or has failed
};

// In the network namespace that the thread is in: by the routing table `local` for IPv4 (with 127/8 and what a local
// route covers), by the interfaces' addresses for IPv6; the wildcard is local. `interface` limits IPv6 to one; 0 is
// any. Throws NetlinkError.
AddressStanding standing_of(const IpAddress& address, unsigned interface);

}  // namespace tcpwitness
