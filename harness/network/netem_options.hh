// netem's options in a qdisc request. Not through libnl-route: its netem (3.7) makes the message longer than its
// content, leaves out what is zero, which a change of a netem then keeps, and knows neither rate nor loss models, slots
// and seed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/netem.hh"
#include "network/netlink.hh"

namespace tcpwitness {

// TCA_NETEM_PRNG_SEED: Linux 6.6; not in Debian 12's headers.
constexpr int kNetemSeedAttribute = 14;

// Adds TCA_OPTIONS. Says everything, zeros too.
void append_netem_options(NetlinkMessage& message, const NetemSettings& settings);

// The inverse of a distribution's cumulative function in 4096 steps, in units of sigma/8192, as iproute2's tables have
// it. uniform (or no name) is between -sigma and sigma. Throws Error for a name other than uniform, normal, pareto,
// paretonormal.
std::vector<int16_t> distribution_table(std::string_view name);

// A percentage as netem counts probabilities: 0 to 2^32-1.
uint32_t netem_probability(double percent);

}  // namespace tcpwitness
