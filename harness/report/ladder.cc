#include "report/ladder.hh"

#include <fmt/core.h>

#include <algorithm>

#include "report/ladder_drawing.hh"

namespace tcpwitness {
namespace {

// "60.1 s": a number people read, with the space that a column of text wants.
std::string spaced_duration(Duration duration) {
    std::string text = format_duration(duration);
    const size_t unit = text.find_first_not_of("-0123456789.");
    return unit == std::string::npos ? text : text.insert(unit, 1, ' ');
}

std::string rows_left_out(size_t count) {
    return count == 1 ? "1 row not shown" : fmt::format("{} rows not shown", count);
}

std::string host_title(const Plan& plan, const Timeline& timeline, const std::string& host, int width) {
    const auto addresses = timeline.addresses.find(host);
    if (addresses == timeline.addresses.end()) return host;
    for (const IpAddress& address : addresses->second) {
        const std::string text = to_string(address);
        const bool local = text.starts_with("127.") || text == "::1" || text.starts_with("fe80:");
        const std::string title = host + " " + text;
        if (address.family == plan.network.family && !local && display_width(title) <= width) return title;
    }
    return host;
}

std::string title_line(const Plan& plan, const Timeline& timeline, const LadderLayout& layout, const Style& style) {
    const auto [left, right] = ladder_hosts(plan, timeline);
    const int left_room = layout.left_lifeline - layout.time_end;
    const int right_room = style.width - layout.right_lifeline;
    return LadderDrawing(layout, style)
        .header(host_title(plan, timeline, left, left_room), host_title(plan, timeline, right, right_room));
}

// Explains the signs that need it, when they are there.
std::string legend(const std::vector<LadderRow>& rows, const std::vector<bool>& shown, const Style& style) {
    bool inferred = false, absolute = false;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (!shown[i]) continue;
        for (const auto& state : rows[i].states) inferred = inferred || (state && state->inferred);
        absolute = absolute || (rows[i].arrow && rows[i].arrow->labels.front().find("=#") != std::string::npos);
    }
    std::string text;
    for (const auto& [used, words] : {std::pair{inferred, "  ~ inferred: it was not itself seen"},
                                      std::pair{absolute, "  # as on the wire: no SYN came before it"}}) {
        Line line(style);
        line.put(0, words, Tone::dim);
        if (used) text += line.text();
    }
    return text;
}

std::string story_end(const Timeline& timeline, const LadderDrawing& drawing, Instant last) {
    const auto is_end = [](const Event& event) { return std::holds_alternative<StoryEnded>(event.body); };
    const auto end = std::find_if(timeline.events.begin(), timeline.events.end(), is_end);
    if (end == timeline.events.end()) return {};
    const Duration wait = end->at - last;
    return (wait >= kFoldedWait ? drawing.gap(spaced_duration(wait)) : "") + drawing.end(end->at, "end of the story");
}

}  // namespace

std::string ladder(const Plan& plan, const Timeline& timeline, const Style& wanted_style, const LadderWindow& window) {
    Style style = wanted_style;
    style.width = std::max(style.width, kNarrowestLadder);
    const std::vector<LadderRow> rows = ladder_rows(ladder_items(plan, timeline));
    if (rows.empty()) return {};
    const std::vector<bool> marked = marked_rows(rows, window.around);
    const std::vector<bool> shown = shown_rows(marked, window);
    const LadderLayout layout = lay_out(rows, end_of_story(timeline), style);
    const LadderDrawing drawing(layout, style);

    std::string text = title_line(plan, timeline, layout, style);
    size_t left_out = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (!shown[i]) {
            ++left_out;
            continue;
        }
        if (left_out > 0) text += drawing.gap(rows_left_out(left_out));
        const Duration wait = i == 0 ? Duration(0) : rows[i].at - rows[i - 1].at;
        if (left_out == 0 && wait >= kFoldedWait) text += drawing.gap(spaced_duration(wait));
        left_out = 0;
        text += drawing.row(rows[i], marked[i] && window.mark);
    }
    if (left_out > 0) return text + drawing.gap(rows_left_out(left_out)) + legend(rows, shown, style);
    return text + story_end(timeline, drawing, rows.back().at) + legend(rows, shown, style);
}

}  // namespace tcpwitness
