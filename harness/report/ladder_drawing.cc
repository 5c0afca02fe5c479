#include "report/ladder_drawing.hh"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace tcpwitness {
namespace {

using Part = LadderArrow::Part;

struct Symbols {
    std::string_view lifeline, broken, end, track, dotted, leaves_right, leaves_left, head_right, head_left, lost, mark;
};

// Every symbol is one column wide on terminals that treat ambiguous characters as narrow, and none is an emoji.
constexpr Symbols kUtf8{"│", "┊", "╵", "─", "┄", "├", "┤", "►", "◄", "✗", "▸"};
constexpr Symbols kAscii{"|", ":", "'", "-", ".", "|", "|", ">", "<", "X", ">"};

const Symbols& symbols(const Style& style) {
    return style.utf8 ? kUtf8 : kAscii;
}

}  // namespace

LadderDrawing::LadderDrawing(const LadderLayout& layout, const Style& style) : layout_(layout), style_(style) {}

std::string LadderDrawing::header(const std::string& left, const std::string& right) const {
    Line line(style_);
    const int room = layout_.left_lifeline - layout_.time_end;
    line.put(layout_.time_end + 1, fit_right(left, room, style_.utf8), Tone::bold);
    line.put(layout_.right_lifeline, fit(right, style_.width - layout_.right_lifeline, style_.utf8), Tone::bold);
    return line.text();
}

std::string LadderDrawing::row(const LadderRow& row, bool marked) const {
    Line line = blank_line(symbols(style_).lifeline);
    put_time(line, row.at);
    if (marked) line.put(0, symbols(style_).mark, Tone::mark);
    const bool two_lines = row.note && row.note->side && row.arrow && !layout_.calls_outside;
    Line second = blank_line(symbols(style_).lifeline);
    if (marked) second.put(0, symbols(style_).mark, Tone::mark);
    for (const std::optional<LadderState>& state : row.states) {
        if (state) put_state(two_lines && row.note->side != state->side ? second : line, *state);
    }
    if (row.arrow) put_arrow(two_lines ? second : line, *row.arrow);
    if (row.note && !row.note->side) return middle_note(row, std::move(line));
    if (row.note) put_side_note(line, *row.note);
    return two_lines ? line.text() + second.text() : line.text();
}

std::string LadderDrawing::gap(std::string_view words) const {
    Line line = blank_line(symbols(style_).broken);
    put_centred(line, layout_.left_lifeline + 1, layout_.right_lifeline, words, Tone::dim);
    return line.text();
}

std::string LadderDrawing::end(Instant at, std::string_view words) const {
    Line line = blank_line(symbols(style_).end);
    put_time(line, at);
    put_centred(line, layout_.left_lifeline + 1, layout_.right_lifeline, words, Tone::dim);
    return line.text();
}

Line LadderDrawing::blank_line(std::string_view lifeline) const {
    Line line(style_);
    line.put(layout_.left_lifeline, lifeline, Tone::dim);
    line.put(layout_.right_lifeline, lifeline, Tone::dim);
    return line;
}

void LadderDrawing::put_time(Line& line, Instant at) const {
    const double seconds = std::chrono::duration<double>(at).count();
    line.put(1, fit_right(fmt::format("{:.{}f}", seconds, layout_.time_digits), layout_.time_end - 1), Tone::dim);
}

// When it is too wide, ESTABLISHED is shortened, then the socket's name is cut; the state stays whole.
void LadderDrawing::put_state(Line& line, const LadderState& state) const {
    const bool left = state.side == Side::left;
    const int room = layout_.state_width[static_cast<size_t>(state.side)];
    std::string text = state_text(state, layout_.short_states);
    if (display_width(text) > room) text = state_text(state, true);
    if (display_width(text) > room) {
        LadderState nameless = state;
        nameless.socket.clear();
        const std::string name_of_state = state_text(nameless, true);
        const std::string socket = fit(state.socket, room - 1 - display_width(name_of_state), style_.utf8);
        text = socket.empty() ? name_of_state : socket + " " + name_of_state;
    }
    const int column = left ? layout_.left_lifeline - 1 - display_width(text) : layout_.right_state;
    line.put(column, fit(text, room, style_.utf8), Tone::state);
}

void LadderDrawing::put_side_note(Line& line, const LadderNote& note) const {
    const bool left = note.side == Side::left;
    const int outside = left ? layout_.left_calls_width : layout_.right_calls_width;
    const int room = layout_.calls_outside ? outside : layout_.between() - 2;
    const int result_width = std::min(display_width(note.result), room / 2);
    const std::string text = fit(note.text, room - result_width, style_.utf8);
    const std::string result = fit(note.result, result_width, style_.utf8);
    const int width = display_width(text) + display_width(result);
    int column = left ? layout_.left_lifeline + 2 : layout_.right_lifeline - 1 - width;
    if (layout_.calls_outside) column = left ? layout_.left_state - 2 - width : layout_.right_calls;
    column = line.put(column, text, note.tone);
    line.put(column, result, note.tone);
}

std::string LadderDrawing::label_for(const LadderArrow& arrow, int room) const {
    for (size_t i = std::min(layout_.first_label, arrow.labels.size() - 1); i < arrow.labels.size(); ++i) {
        if (display_width(arrow.labels[i]) <= room) return arrow.labels[i];
    }
    return fit(arrow.labels.back(), room, style_.utf8);
}

// A line of `symbol` over [from, to) with the label in its middle.
void LadderDrawing::put_track(Line& line, int from, int to, std::string_view symbol, std::string_view label,
                              Tone tone) const {
    line.fill(from, to, symbol, tone);
    put_centred(line, from, to, fmt::format(" {} ", label), tone);
}

void LadderDrawing::put_centred(Line& line, int from, int to, std::string_view text, Tone tone) const {
    const std::string fitted = fit(text, to - from, style_.utf8);
    line.put(from + (to - from - display_width(fitted)) / 2, fitted, tone);
}

void LadderDrawing::put_arrow(Line& line, const LadderArrow& arrow) const {
    const Symbols& symbol = symbols(style_);
    const bool rightwards = arrow.from == Side::left;
    const int first = layout_.left_lifeline + 1;
    const int end = layout_.right_lifeline;
    const std::string fate = arrow.fate.empty() ? "" : " " + arrow.fate;
    const bool lost = arrow.part == Part::lost;
    const int lost_room = lost ? display_width(fate) + 1 : 0;
    const std::string label =
        label_for(arrow, end - first - kLabelDressing - display_width(fate) - (lost ? 1 : 0)) + (lost ? "" : fate);

    // How far from its sender the track begins and ends, in columns.
    const int whole = end - first;
    const int wanted = std::max(display_width(label) + kLabelDressing, whole * 3 / 4);
    const bool starts_late = arrow.part == Part::arrives || arrow.part == Part::forged;
    const bool ends_early = arrow.part == Part::departs || arrow.part == Part::lost || arrow.part == Part::loop;
    const int near = starts_late ? std::max(0, whole - wanted) : 0;
    const int far = ends_early ? std::min(whole - lost_room, wanted) : whole;
    const int from = rightwards ? first + near : end - far;
    const int to = rightwards ? first + far : end - near;

    const bool dotted = starts_late || arrow.part == Part::departs;
    put_track(line, from, to, dotted ? symbol.dotted : symbol.track, label, arrow.tone);
    if (!starts_late) {
        line.put(rightwards ? first - 1 : end, rightwards ? symbol.leaves_right : symbol.leaves_left, arrow.tone);
        line.fill(rightwards ? first : end - 2, rightwards ? first + 2 : end, symbol.track, arrow.tone);
    }
    if (!ends_early) {
        line.put(rightwards ? end - 1 : first, rightwards ? symbol.head_right : symbol.head_left, arrow.tone);
    } else if (arrow.part == Part::lost) {
        const std::string words = rightwards ? fmt::format("{}{}", symbol.lost, fate)
                                             : fmt::format("{}{}{}", arrow.fate, fate.empty() ? "" : " ", symbol.lost);
        line.put(rightwards ? to : from - display_width(words), words, Tone::bad);
    }
}

// Words in the middle may take several lines: they say what went wrong.
std::string LadderDrawing::middle_note(const LadderRow& row, Line line) const {
    constexpr size_t kMostLines = 4;
    const int from = layout_.left_lifeline + 2;
    const int to = layout_.right_lifeline - 1;
    const std::vector<std::string> lines = wrap(row.note->text + row.note->result, to - from, style_.utf8);
    std::string text;
    for (size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) {
        const bool cut = i + 1 == kMostLines && lines.size() > kMostLines;
        put_centred(line, from, to, cut ? fit(lines[i] + " " + lines[i + 1], to - from, style_.utf8) : lines[i],
                    row.note->tone);
        text += line.text();
        line = blank_line(symbols(style_).lifeline);
    }
    return text;
}

}  // namespace tcpwitness
