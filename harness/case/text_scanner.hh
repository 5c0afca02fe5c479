// A cursor over one text of a case, for the small grammars of steps and expectations; and splitting at words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.hh"
#include "case/case_text.hh"

namespace tcpwitness {

class TextScanner {
  public:
    explicit TextScanner(const CaseText& text) : text_(text) { skip_blanks(); }

    bool at_end() const { return offset_ >= text_.text().size(); }
    size_t offset() const { return offset_; }
    SourcePosition position() const { return text_.at(offset_); }
    // What is left; empty at the end.
    std::string_view rest() const { return std::string_view(text_.text()).substr(offset_); }
    CaseText rest_text() const { return text_.part(offset_); }

    // Takes `literal` and the blanks behind it, if it stands here.
    bool take(std::string_view literal);
    // Takes a name: a letter or '_', then letters, digits, '_' (and what `more` has). Empty when none stands here.
    std::string take_name(std::string_view more = {});
    // Takes everything up to a blank.
    CaseText take_word();
    // Takes everything up to the bracket that closes the one just taken, or to a ',' outside all brackets and quotes;
    // not that last character itself.
    CaseText take_argument();

  private:
    void skip_blanks();

    const CaseText& text_;
    size_t offset_ = 0;
};

// The offset of the first place from `from` on where `word` stands between blanks (or at an end), outside quotes and
// brackets; npos when there is none.
size_t find_word(const CaseText& text, std::string_view word, size_t from = 0);

// Splits at `separator` outside quotes and brackets; the parts are trimmed and may be empty.
std::vector<CaseText> split_text(const CaseText& text, std::string_view separator);

// Splits at blanks outside quotes and brackets.
std::vector<CaseText> split_words(const CaseText& text);

// "unknown key 'sysctls'" with "did you mean 'sysctl'?", or with the whole list when nothing is near.
void add_unknown(Diagnostics& diagnostics, const SourcePosition& position, std::string_view what, std::string_view word,
                 const std::vector<std::string>& known);

// "a, b and c"
std::string join_words(const std::vector<std::string>& words);

}  // namespace tcpwitness
