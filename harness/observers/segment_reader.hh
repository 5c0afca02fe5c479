// SegmentReader: one end of one connection as its segments show it: which states of RFC 9293 (section 3.10.7) it must
// have passed. A reading, not an observation: a segment that passed the interface may yet be dropped by the kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "timeline/timeline.hh"

namespace tcpwitness {

class SegmentReader {
  public:
    struct Step {
        TcpState state = TcpState::closed;
        Instant at{};
    };

    // `state` is where this end is before the segment. Returns the states that the segment takes it through, in order.
    std::vector<TcpState> read(TcpState state, Direction direction, const TcpSegment& segment);

  private:
    std::vector<TcpState> read_sent(TcpState state, const TcpSegment& segment);
    std::vector<TcpState> read_arrived(TcpState state, const TcpSegment& segment);
    bool acknowledges_syn(const TcpSegment& segment) const;
    bool accepts_reset(TcpState state, const TcpSegment& segment) const;
    // Takes in what the segment carries; true when with it the peer's FIN is there and everything before it.
    bool receive(const TcpSegment& segment);

    struct Range {
        uint32_t begin = 0;
        uint32_t end = 0;
        bool fin = false;
    };

    std::optional<Range> own_syn_;
    std::optional<uint32_t> end_of_own_fin_;
    std::optional<uint32_t> receive_next_;
    std::vector<Range> early_;  // arrived beyond a gap
};

}  // namespace tcpwitness
