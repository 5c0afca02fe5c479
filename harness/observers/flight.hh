// Flight: which segments were given to a link and have not arrived at the other host.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "timeline/timeline.hh"

namespace tcpwitness {

class Flight {
  public:
    // In order of time. Segments that never leave their host are to be left out.
    void note(const SegmentSeen& segment);

    // A lost segment stays in flight: nobody can tell it from a late one.
    size_t size() const;

  private:
    // What routers leave alone of a segment (they change hop limit, traffic class and addresses' links).
    using Key = std::tuple<SocketAddress, SocketAddress, uint32_t, uint32_t, uint8_t, uint16_t, uint32_t, uint64_t, TcpOptions>;

    std::map<Key, int> under_way_;  // how many of each
};

}  // namespace tcpwitness
