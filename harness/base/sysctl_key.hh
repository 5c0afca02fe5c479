// Keys of sysctl(8).
#pragma once

#include <string>

namespace tcpwitness {

// A key's way below /proc/sys with dots for slashes, or back: "net/ipv4/conf/eth0.100" and "net.ipv4.conf.eth0/100".
std::string swap_dots_and_slashes(std::string key);

}  // namespace tcpwitness
