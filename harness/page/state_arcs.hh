// The arcs of the TCP state diagram, and those that runs were seen to take. Observation only: an arc that no record
// shows is an arc that was not shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/tcp_state.hh"
#include "report/ladder_items.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

enum class ArcKind : uint8_t {
    figure,  // drawn in figure 5 of RFC 9293
    text,    // allowed by its text: resets and time-outs out of a state, a FIN in SYN_RCVD
    kernel,  // Linux does it; RFC 9293 does not have it, or leaves it open
};

std::string_view to_string(ArcKind kind);

struct StateArc {
    TcpState from = TcpState::closed;
    TcpState to = TcpState::closed;
    ArcKind kind = ArcKind::figure;
    std::string_view label;  // what takes a connection along it
};

// Every arc that has a place in the diagram, those of the figure first, in its order from top to bottom.
const std::vector<StateArc>& state_arcs();

// One change of one socket, in the order of time.
struct ArcTaken {
    TcpState from = TcpState::closed;
    TcpState to = TcpState::closed;
    std::string host;
    int socket = 0;    // index into Timeline::sockets
    size_t event = 0;  // index into Timeline::events
    bool inferred = false;
};

// Up to the end of the story.
std::vector<ArcTaken> arcs_taken(const Timeline& timeline);

}  // namespace tcpwitness
