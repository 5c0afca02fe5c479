#include "observers/flight.hh"

namespace tcpwitness {

void Flight::note(const SegmentSeen& seen) {
    const TcpSegment& segment = seen.segment;
    const Key key{segment.source, segment.destination, segment.sequence, segment.acknowledgment, segment.flags,
                  segment.window, segment.payload_length, segment.payload_hash, segment.options};
    if (seen.direction == Direction::sent) {
        ++under_way_[key];
        return;
    }
    // A copy that the network made, or a forged segment, is no arrival of another one.
    const auto found = under_way_.find(key);
    if (found != under_way_.end() && --found->second == 0) under_way_.erase(found);
}

size_t Flight::size() const {
    size_t count = 0;
    for (const auto& [key, number] : under_way_) count += static_cast<size_t>(number);
    return count;
}

}  // namespace tcpwitness
