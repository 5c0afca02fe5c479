// Paragraphs: text for people, line by line, wrapped at the width of the style.
#pragma once

#include <string>

#include "report/line.hh"

namespace tcpwitness {

class Paragraphs {
  public:
    explicit Paragraphs(const Style& style) : style_(style) {}

    // Words from `column` on; what does not fit goes on below, from the same column.
    void put(int column, const std::string& words, Tone tone = Tone::plain);
    // Two columns: a name of one line, and words that are wrapped.
    void put(int name_column, const std::string& name, int column, const std::string& words, Tone tone = Tone::plain);
    void empty();

    const std::string& text() const { return text_; }

  private:
    const Style style_;
    std::string text_;
};

// "1 run", "2 runs"
std::string counted(size_t count, const std::string& noun);

}  // namespace tcpwitness
