// ICMP and ICMPv6 errors by the names that cases give them; one name stands for the nearest error of each protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hh"

namespace tcpwitness {

struct IcmpError {
    uint8_t type = 0;
    uint8_t code = 0;
    bool from_destination = false;  // the host itself complains; else a router on the way
    bool has_mtu = false;
};

// "port unreachable", "fragmentation needed"; nothing when there is no such name. Throws Unsupported when the protocol
// of the family has no such error.
std::optional<IcmpError> find_icmp_error(std::string_view name, Family family);

std::vector<std::string> icmp_error_names();

}  // namespace tcpwitness
