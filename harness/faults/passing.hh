// What path knows of a segment that passes it: which way, its numbers relative to the connection's first ones, and
// whether it was sent before. Pure: made from the segments themselves, in the order in which they pass.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/path_trick.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {

struct PassingSegment {
    Way way = Way::to_server;
    TcpSegment segment;
    std::optional<int64_t> sequence;        // relative to the sender's initial number; absent: its SYN never passed
    std::optional<int64_t> acknowledgment;  // relative to the receiver's; absent as well without ACK
    bool again = false;                     // it carries SYN, FIN or data, and all of that has passed before
};

class PassingSegments {
  public:
    PassingSegment take(Way way, const TcpSegment& segment);

  private:
    struct Flow {
        uint32_t initial = 0;
        uint32_t beyond = 0;  // the number behind the last that passed
    };
    using Ends = std::pair<SocketAddress, SocketAddress>;

    std::map<Ends, Flow> flows_;  // by source and destination
};

}  // namespace tcpwitness
