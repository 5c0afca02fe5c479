#include "report/ladder_layout.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace tcpwitness {
namespace {

constexpr int kNarrow = 72;        // below it: short state names and milliseconds
constexpr int kLeastBetween = 44;  // columns between the lifelines beside columns for calls
constexpr int kMostBetween = 76;
constexpr int kLeastCalls = 28;  // "connect(c, server:7000) = 0" is 27

struct Wishes {
    std::array<int, 2> states{9, 9};  // at least "TIME_WAIT": the names of the hosts stand there too
    std::array<int, 2> calls{0, 0};
    int longest_label = 0;  // with what it needs around it
};

Wishes wishes_of(const std::vector<LadderRow>& rows, const Style& style, bool short_states) {
    const int most_state = std::clamp(style.width / 6, 12, 24);
    Wishes wishes;
    for (const LadderRow& row : rows) {
        for (size_t side = 0; side < 2; ++side) {
            if (!row.states[side]) continue;
            wishes.states[side] =
                std::max(wishes.states[side], display_width(state_text(*row.states[side], short_states)));
        }
        if (row.note && row.note->side) {
            int& calls = wishes.calls[static_cast<size_t>(*row.note->side)];
            calls = std::max(calls, display_width(row.note->text + row.note->result));
        }
        if (row.arrow) {
            const int label = display_width(row.arrow->labels.front()) + display_width(row.arrow->fate);
            wishes.longest_label = std::max(wishes.longest_label, label + kLabelDressing + 2);
        }
    }
    for (int& states : wishes.states) states = std::min(states, most_state);
    return wishes;
}

int digits_before_point(Instant last) {
    return static_cast<int>(std::to_string(std::chrono::duration_cast<std::chrono::seconds>(last).count()).size());
}

// Calls get columns of their own when both can have what they need, or at least enough for a connect().
void place_calls(LadderLayout& layout, const Wishes& wishes, int room) {
    const auto least = [&wishes](size_t side) { return std::min(wishes.calls[side], kLeastCalls); };
    const int gaps = 4;
    int spare = room - kLeastBetween - gaps - least(0) - least(1);
    if (spare < 0) return;
    // Between the lifelines nothing would be cut: rather there than without the end of an argument.
    const int longest = std::max(wishes.calls[0], wishes.calls[1]);
    if (wishes.calls[0] + wishes.calls[1] - least(0) - least(1) > spare && longest <= std::min(room, kMostBetween) - 2)
        return;
    layout.calls_outside = true;
    layout.left_calls_width = least(0);
    layout.right_calls_width = least(1);
    for (int* width : {&layout.left_calls_width, &layout.right_calls_width}) {
        const size_t side = width == &layout.left_calls_width ? 0 : 1;
        const int more = std::min(spare, wishes.calls[side] - *width);
        *width += more;
        spare -= more;
    }
}

}  // namespace

std::string state_text(const LadderState& state, bool short_states) {
    std::string text = state.socket.empty() ? "" : state.socket + " ";
    if (state.inferred) text += "~";
    if (short_states && state.state == TcpState::established) return text + "ESTAB";
    return text + std::string(to_string(state.state));
}

LadderLayout lay_out(const std::vector<LadderRow>& rows, Instant last, const Style& style) {
    LadderLayout layout;
    const bool narrow = style.width < kNarrow;
    layout.short_states = narrow;
    layout.time_digits = narrow ? 3 : 6;
    const Wishes wishes = wishes_of(rows, style, narrow);
    layout.time_end = 2 + std::max(2, digits_before_point(last)) + 1 + layout.time_digits;
    layout.state_width[0] = wishes.states[0];
    layout.state_width[1] = wishes.states[1];
    // One space beside the time and two beside each state, and the lifelines themselves.
    const int room = style.width - layout.time_end - 1 - layout.state_width[0] - layout.state_width[1] - 4;
    place_calls(layout, wishes, room);
    const int calls = layout.left_calls_width + layout.right_calls_width + (layout.calls_outside ? 4 : 0);
    const int between =
        std::min(room - calls,
                 layout.calls_outside ? std::clamp(wishes.longest_label, kLeastBetween, kMostBetween) : kMostBetween);
    layout.first_label = wishes.longest_label <= between ? 0 : 1;
    layout.left_calls = layout.time_end + 1;
    layout.left_state = layout.left_calls + layout.left_calls_width + (layout.calls_outside ? 2 : 0);
    layout.left_lifeline = layout.left_state + layout.state_width[0] + 1;
    layout.right_lifeline = layout.left_lifeline + between + 1;
    layout.right_state = layout.right_lifeline + 2;
    layout.right_calls = layout.right_state + layout.state_width[1] + 2;
    return layout;
}

}  // namespace tcpwitness
