// Forged segments in the tricks of `path`: "inject(server > client, RST, seq=c.rcv_nxt)".
#pragma once

#include "base/path_trick.hh"
#include "case/trick_values.hh"

namespace tcpwitness {

PathTrick read_inject(TrickValues& values);

}  // namespace tcpwitness
