// The items of a ladder that travel: segments, packets that are not TCP, and the faults that hit them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "report/ladder_items.hh"

namespace tcpwitness {

// The column of a host; nothing for hosts that have none ("path").
std::optional<Side> side_of(const std::array<std::string, 2>& hosts, const std::string& host);

// Arrows for the journeys, pairs of PacketSeen and the faults; not sorted.
std::vector<LadderItem> travelling_items(const Plan& plan, const Timeline& timeline,
                                         const std::array<std::string, 2>& hosts);

}  // namespace tcpwitness
