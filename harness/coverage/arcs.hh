// The arcs of the state diagram: RFC 9293's and those that Linux adds, with those that Linux does not take.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coverage/run_view.hh"

namespace tcpwitness {

struct Arc {
    std::string id;           // "SYN_SENT -> CLOSED by a reset"
    std::string_view origin;  // "RFC 9293" or "Linux"
    // Why Linux does not take it; empty: it does. Such an arc counts as shown when a run showed what happens instead.
    std::string_view refusal;
    bool (*shown)(const RunView& run);
};

const std::vector<Arc>& arcs();

}  // namespace tcpwitness
