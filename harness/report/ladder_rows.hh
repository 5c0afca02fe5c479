// The rows of a ladder: items that belong together on one line, long waits between them, and the part of them that a
// window shows.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "report/ladder_items.hh"

namespace tcpwitness {

// One moment: at most one call or note at a side, one arrow or note in the middle, and the states that came of it.
struct LadderRow {
    Instant at{};
    std::set<size_t> events;
    std::array<std::optional<LadderState>, 2> states;
    std::optional<LadderNote> note;
    std::optional<LadderArrow> arrow;
};

std::vector<LadderRow> ladder_rows(std::vector<LadderItem> items);

// Which part of a ladder to show: `before` and `after` rows around those of the events `around`; all of it when
// `around` is empty.
struct LadderWindow {
    std::vector<size_t> around;  // indices into Timeline::events, as in Finding::evidence
    size_t before = 6;
    size_t after = 3;
    bool mark = true;  // their rows get a mark
};

// For each row whether it is the place of one of the events. An event that no row shows marks the row that comes next.
std::vector<bool> marked_rows(const std::vector<LadderRow>& rows, const std::vector<size_t>& events);

// For each row whether the window shows it.
std::vector<bool> shown_rows(const std::vector<bool>& marked, const LadderWindow& window);

}  // namespace tcpwitness
