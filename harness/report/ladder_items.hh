// What a ladder shows, one item for each thing that happened, in the order of time: calls and program events at their
// host's side, state changes, segments, and what belongs to neither side in the middle.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/plan.hh"
#include "report/line.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

enum class Side : uint8_t { left, right };

inline Side other(Side side) {
    return side == Side::left ? Side::right : Side::left;
}

// Things closer together than this are shown as one: nothing in a kernel's TCP that waits is as quick (its shortest
// timer is one tick, 1 ms to 4 ms).
constexpr Duration kAtOnce = std::chrono::milliseconds(1);

// A socket came into a state.
struct LadderState {
    Side side = Side::left;
    std::string socket;  // its name, when the host has more than one; else empty
    TcpState state = TcpState::closed;
    bool inferred = false;
};

// Words: a call with its result, a program's end, a fault.
struct LadderNote {
    std::optional<Side> side;  // absent: the middle
    std::string text;          // "bind(l, :7000)"
    std::string result;        // " = EADDRINUSE": stays when the text must be cut
    Tone tone = Tone::plain;
    Duration lasted = kAtOnce;  // how long a segment or a state may still have come of it
};

// A segment, or a packet that is not TCP, on its way.
struct LadderArrow {
    enum class Part : uint8_t {
        whole,    // sent and arrived
        departs,  // sent; its arrival has a row of its own
        arrives,  // the arrival of one that departed before
        lost,     // sent, and never arrived whole
        forged,   // arrived, never sent
        loop,     // sent by a host to itself
    };
    Side from = Side::left;
    Part part = Part::whole;
    std::vector<std::string> labels;  // the most detailed first
    std::string fate;                 // what the network did to it: "drop", "damaged", "forged", "copy"; else empty
    Tone tone = Tone::plain;
};

struct LadderItem {
    Instant at{};
    std::vector<size_t> events;  // indices into Timeline::events
    std::variant<LadderState, LadderNote, LadderArrow> what;
};

// The host of each column: "client" and "server" where there are such hosts.
std::array<std::string, 2> ladder_hosts(const Plan& plan, const Timeline& timeline);

// Up to the end of the story; what comes later belongs to the taking down of the stage.
std::vector<LadderItem> ladder_items(const Plan& plan, const Timeline& timeline);

}  // namespace tcpwitness
