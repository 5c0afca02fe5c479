// Where the columns of a ladder stand, for a width and for what has to go into them.
#pragma once

#include <vector>

#include "report/ladder_rows.hh"
#include "report/line.hh"

namespace tcpwitness {

// Columns, counted from 0. From left to right: mark, time, [calls,] state, lifeline, segments, lifeline, state[,
// calls].
struct LadderLayout {
    int time_digits = 6;         // behind the point
    int time_end = 0;            // column behind the time
    bool calls_outside = false;  // calls have columns of their own; else they stand between the lifelines
    int left_calls = 0;          // first column and width of each part
    int left_calls_width = 0;
    int left_state = 0;
    int state_width[2] = {0, 0};
    int left_lifeline = 0;
    int right_lifeline = 0;
    int right_state = 0;
    int right_calls = 0;
    int right_calls_width = 0;
    bool short_states = false;  // ESTAB for ESTABLISHED, as ss writes it
    size_t first_label = 0;     // the most detailed label that is used: the same for all segments

    int between() const { return right_lifeline - left_lifeline - 1; }
};

LadderLayout lay_out(const std::vector<LadderRow>& rows, Instant last, const Style& style);

// What a label needs around it on its track: two columns of track and a space on each side.
constexpr int kLabelDressing = 6;

// "SYN_RCVD", "l LISTEN", "~CLOSED" when it was inferred.
std::string state_text(const LadderState& state, bool short_states);

}  // namespace tcpwitness
