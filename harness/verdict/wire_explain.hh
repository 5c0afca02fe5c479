// Why a wire pattern does not fit, in one sentence.
#pragma once

#include <string>

#include "verdict/wire_search.hh"

namespace tcpwitness {

struct WireExplanation {
    std::string message;
    std::string
        field;  // of the texts of line and segment where they differ first; empty when there is nothing to compare
};

WireExplanation explain(const WireSearch& search, const std::vector<WireSegment>& segments, const WireStop& stop);

}  // namespace tcpwitness
