#include "faults/passing.hh"

namespace tcpwitness {
namespace {

// Sequence numbers wrap: the distance from `from` to `to` (RFC 9293 section 3.4).
int32_t distance(uint32_t from, uint32_t to) {
    return static_cast<int32_t>(to - from);
}

}  // namespace

PassingSegment PassingSegments::take(Way way, const TcpSegment& segment) {
    PassingSegment passing{.way = way, .segment = segment};
    const uint32_t beyond = segment.sequence + segment.sequence_length();
    auto flow = flows_.find({segment.source, segment.destination});
    const bool opens = segment.has(tcp_flag::kSyn) && !segment.has(tcp_flag::kRst);
    if (opens && (flow == flows_.end() || flow->second.initial != segment.sequence)) {
        flow = flows_.insert_or_assign({segment.source, segment.destination}, Flow{segment.sequence, segment.sequence})
                   .first;
    }
    if (flow != flows_.end()) {
        Flow& known = flow->second;
        passing.sequence = distance(known.initial, segment.sequence);
        passing.again = segment.sequence_length() > 0 && distance(known.beyond, beyond) <= 0;
        if (distance(known.beyond, beyond) > 0) known.beyond = beyond;
    }
    const auto other = flows_.find({segment.destination, segment.source});
    if (other != flows_.end() && segment.has(tcp_flag::kAck))
        passing.acknowledgment = distance(other->second.initial, segment.acknowledgment);
    return passing;
}

}  // namespace tcpwitness
