// The claims of the textbook account, C01 to C25, and what a run must have shown for each.
#pragma once

#include <span>
#include <string_view>

#include "coverage/run_view.hh"

namespace tcpwitness {

struct Claim {
    std::string_view id;                // "C07"
    std::string_view text;              // what is claimed
    bool (*shown)(const RunView& run);  // what is claimed, or what refutes it, was observed in this run
};

std::span<const Claim> claims();

}  // namespace tcpwitness
