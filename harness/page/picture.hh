// Picture: what a page draws of one run, with the height at which each thing stands: bands of states, slanted segments,
// calls at the sides, what path did in the middle. The page only chooses widths and colours. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "page/origins.hh"
#include "plan/plan.hh"
#include "report/ladder_items.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

// All heights are pixels from the picture's top.

struct PictureBand {
    Side side = Side::left;
    int lane = 0;  // counted from the lifeline outwards
    std::string socket;
    TcpState state = TcpState::closed;
    int top = 0;
    int bottom = 0;
    Instant began{};
    std::optional<Duration> lasted;  // absent: still so when the story ended
    bool inferred = false;
    bool first = false;  // of its socket
    size_t event = 0;
};

struct PictureArrow {
    Side from = Side::left;
    LadderArrow::Part part = LadderArrow::Part::whole;
    int top = 0;     // where it leaves its sender (or path, when it was forged)
    int bottom = 0;  // where it arrives, or its cross stands
    std::string label;
    std::string details;  // window and options as well
    std::string fate;     // "drop", "forged", "copy", "damaged"; else empty
    Tone tone = Tone::plain;
    Instant at{};
    std::optional<Duration> travelled;
    std::vector<size_t> events;
};

struct PictureNote {
    std::optional<Side> side;  // absent: the middle
    int y = 0;
    std::string text;
    std::string result;
    Tone tone = Tone::plain;
    Instant at{};
    std::vector<size_t> events;
};

struct PictureFold {
    int y = 0;  // its middle
    Duration wait{};
};

struct Picture {
    std::array<std::string, 2> hosts;
    std::array<std::string, 2> addresses;
    std::array<int, 2> lanes{};
    std::vector<PictureBand> bands;
    std::vector<PictureArrow> arrows;
    std::vector<PictureNote> notes;
    std::vector<PictureFold> folds;
    int end = 0;  // where the story ends
    Instant ended{};
};

Picture picture_of(const Plan& plan, const Timeline& timeline);

}  // namespace tcpwitness
