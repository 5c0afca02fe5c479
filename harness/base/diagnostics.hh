// Mistakes in a case file: collected with their position and a hint, and shown all at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

// A place in a case file. Line and column count from 1; 0 means the file as a whole.
struct SourcePosition {
    std::string file;
    int line = 0;
    int column = 0;

    auto operator<=>(const SourcePosition&) const = default;
};

// "file:line:column", or "file" when there is no line.
std::string to_string(const SourcePosition& position);

// A place in a case file and what stands there, for messages.
struct SourceLine {
    SourcePosition position;
    std::string text;
};

struct Diagnostic {
    SourcePosition position;
    std::string message;  // what is wrong
    std::string hint;     // how to mend it; may be empty

    auto operator<=>(const Diagnostic&) const = default;
};

class Diagnostics {
  public:
    // Adds a mistake. The same mistake at the same place is kept once.
    void add(SourcePosition position, std::string message, std::string hint = {});
    bool empty() const { return entries_.empty(); }
    const std::vector<Diagnostic>& entries() const { return entries_; }

    // Every mistake in the order of its position: "file:line:column: error: message" and an indented hint line.
    std::string to_text() const;

  private:
    std::vector<Diagnostic> entries_;
};

// The candidate nearest to `word` by edit distance, or empty when none is near enough to be meant.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tcpwitness
