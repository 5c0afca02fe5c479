// The ladder: a Timeline as text. Client column, server column, states at the sides, segments between, time down.
#pragma once

#include <string>

#include "plan/plan.hh"
#include "report/ladder_rows.hh"
#include "report/line.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

constexpr int kNarrowestLadder = 58;  // columns; a narrower style is drawn as wide as this

// Waits of this length and more are a row of their own that says how long it was.
constexpr Duration kFoldedWait = std::chrono::milliseconds(100);

// Lines of at most style.width columns, each ending in "\n". Times are seconds since the run began, numbers of segments
// count from each end's initial sequence number. Rows of the window's events are marked; parts left out say how many
// rows they had. Empty when the timeline has nothing to show.
std::string ladder(const Plan& plan, const Timeline& timeline, const Style& style, const LadderWindow& window = {});

}  // namespace tcpwitness
