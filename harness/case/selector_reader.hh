// Selectors of segments and forged segments in the tricks of `path`.
#pragma once

#include "base/path_trick.hh"
#include "case/trick_values.hh"

namespace tcpwitness {

// "client > server, FIN, nth=2, len > 0". SYN, FIN, RST and URG must be exactly those that are named; ACK must be there
// when it is named, and may be there when it is not, except behind SYN: SYN is not SYN ACK. PSH, ECE and CWR only count
// when they are named.
SegmentSelector read_selector(TrickValues& values);

}  // namespace tcpwitness
