// Which kernel modules a guest loads, and what a bare system has besides the programs that run in it.
#pragma once

#include <string>
#include <vector>

namespace tcpwitness::guest {

// Names; those that a kernel has built in, or does not have, are passed over. Few, because each costs the boot 30 to
// 40 ms of a software processor's time (6.12: checking its signature).
const std::vector<std::string>& wanted_modules();

}  // namespace tcpwitness::guest
