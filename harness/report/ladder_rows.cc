#include "report/ladder_rows.hh"

#include <algorithm>
#include <utility>

namespace tcpwitness {
namespace {

using Part = LadderArrow::Part;

size_t index(Side side) {
    return static_cast<size_t>(side);
}

// Whether the row's call, note or arrow has to do with the host of this side, so that its state belongs beside it.
bool concerns(const LadderRow& row, Side side) {
    if (row.arrow) {
        const bool sends = row.arrow->from == side;
        switch (row.arrow->part) {
            case Part::whole:
                return true;
            case Part::departs:
            case Part::lost:
            case Part::loop:
                return sends;
            case Part::arrives:
            case Part::forged:
                return !sends;
        }
    }
    return row.note && row.note->side == side;
}

bool joins(const LadderRow& row, const LadderItem& item, const LadderState& state) {
    const bool after_note = row.note && !row.arrow && item.at - row.at > row.note->lasted;
    return !after_note && !row.states[index(state.side)] && concerns(row, state.side);
}

// A note opens a row of its own, except what is said about the state change before it.
bool joins(const LadderRow& row, const LadderItem& item, const LadderNote& note) {
    const bool same_event = row.events == std::set<size_t>(item.events.begin(), item.events.end());
    return same_event && !row.note && !row.arrow && note.side && row.states[index(*note.side)];
}

// A segment stands with the call and the state change that sent it.
bool joins(const LadderRow& row, const LadderItem& item, const LadderArrow& arrow) {
    if (row.note && item.at - row.at > row.note->lasted) return false;
    if (row.arrow || arrow.part == Part::arrives || arrow.part == Part::forged) return false;
    const bool note_elsewhere = row.note && row.note->side != arrow.from;
    return !note_elsewhere && !row.states[index(other(arrow.from))];
}

void put(LadderRow& row, LadderState state) {
    row.states[index(state.side)] = std::move(state);
}

void put(LadderRow& row, LadderNote note) {
    row.note = std::move(note);
}

void put(LadderRow& row, LadderArrow arrow) {
    row.arrow = std::move(arrow);
}

}  // namespace

std::vector<LadderRow> ladder_rows(std::vector<LadderItem> items) {
    std::vector<LadderRow> rows;
    for (LadderItem& item : items) {
        const bool at_once = !rows.empty() && item.at - rows.back().at <= kAtOnce;
        const bool joined =
            at_once && std::visit([&](const auto& what) { return joins(rows.back(), item, what); }, item.what);
        if (!joined) rows.push_back({.at = item.at});
        LadderRow& row = rows.back();
        row.events.insert(item.events.begin(), item.events.end());
        std::visit([&row](auto& what) { put(row, std::move(what)); }, item.what);
    }
    return rows;
}

std::vector<bool> marked_rows(const std::vector<LadderRow>& rows, const std::vector<size_t>& events) {
    std::vector<bool> marked(rows.size(), false);
    for (const size_t event : events) {
        auto place = std::find_if(rows.begin(), rows.end(),
                                  [event](const LadderRow& row) { return row.events.contains(event); });
        if (place == rows.end()) {
            place = std::find_if(rows.begin(), rows.end(),
                                 [event](const LadderRow& row) { return *row.events.begin() > event; });
        }
        if (place == rows.end() && !rows.empty()) place = rows.end() - 1;
        if (place != rows.end()) marked[static_cast<size_t>(place - rows.begin())] = true;
    }
    return marked;
}

std::vector<bool> shown_rows(const std::vector<bool>& marked, const LadderWindow& window) {
    if (window.around.empty()) return std::vector<bool>(marked.size(), true);
    std::vector<bool> shown(marked.size(), false);
    for (size_t row = 0; row < marked.size(); ++row) {
        if (!marked[row]) continue;
        const size_t first = row - std::min(row, window.before);
        const size_t last = std::min(marked.size() - 1, row + window.after);
        std::fill(shown.begin() + static_cast<std::ptrdiff_t>(first),
                  shown.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
    }
    return shown;
}

}  // namespace tcpwitness
