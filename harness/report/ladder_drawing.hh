// Drawing the lines of a ladder: one row onto one line or two, in the columns of a layout.
#pragma once

#include <string>
#include <string_view>

#include "report/ladder_layout.hh"

namespace tcpwitness {

class LadderDrawing {
  public:
    LadderDrawing(const LadderLayout& layout, const Style& style);

    // The names of the hosts above their lifelines.
    std::string header(const std::string& left, const std::string& right) const;
    // A row: a call, then the arrow it caused, on one line when calls have columns of their own.
    std::string row(const LadderRow& row, bool marked) const;
    // Time that passed, or rows that are not shown: broken lifelines and words between them.
    std::string gap(std::string_view words) const;
    std::string end(Instant at, std::string_view words) const;

  private:
    Line blank_line(std::string_view lifeline) const;
    void put_time(Line& line, Instant at) const;
    void put_state(Line& line, const LadderState& state) const;
    void put_side_note(Line& line, const LadderNote& note) const;
    void put_arrow(Line& line, const LadderArrow& arrow) const;
    void put_track(Line& line, int from, int to, std::string_view symbol, std::string_view label, Tone tone) const;
    void put_centred(Line& line, int from, int to, std::string_view text, Tone tone) const;
    std::string label_for(const LadderArrow& arrow, int room) const;
    std::string middle_note(const LadderRow& row, Line first) const;

    LadderLayout layout_;
    Style style_;
};

}  // namespace tcpwitness
