// A text of a case file that knows where each of its bytes stands in the file, also after variables were replaced.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.hh"

namespace tcpwitness {

class CaseText {
  public:
    CaseText() = default;
    // `text` stands at `start`; when `runs_along` is false (it is folded or has escapes) all of it is said to stand
    // there.
    CaseText(std::string_view text, const SourcePosition& start, bool runs_along);

    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    SourceLine line() const { return {at(0), text_}; }

    // Where the byte at `offset` stands; the place behind the last byte for an offset beyond the end.
    SourcePosition at(size_t offset) const;

    // `count` bytes from `offset` on, without the blanks around them.
    CaseText part(size_t offset, size_t count = std::string::npos) const;

    // Appends a byte, or a replacement's text, that stands at `column` of this text's line.
    void append(std::string_view text, int column);

  private:
    std::string text_;
    SourcePosition start_;
    std::vector<int> columns_;  // of every byte of text_
};

}  // namespace tcpwitness
