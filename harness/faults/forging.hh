// Forged packets about the connections of a run: an InjectTrick or IcmpTrick, with what is known of the connection,
// turned into bytes. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/path_trick.hh"
#include "faults/connection_numbers.hh"

namespace tcpwitness {

// What is known when a packet is forged.
struct Situation {
    const std::vector<Socket>& sockets;
    const ConnectionNumbers& numbers;
    std::map<std::string, IpAddress> addresses;  // of client and server, and of path towards each: "path > client"
};

// Throw Error when the connection or one of its numbers is not known, or more than one could be meant; Unsupported when
// the family has no such error.
std::string forge(const InjectTrick& trick, const Situation& situation);
std::string forge(const IcmpTrick& trick, const Situation& situation);

// The host at the end of a way.
std::string receiver_of(Way way);

}  // namespace tcpwitness
