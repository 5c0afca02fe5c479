#include "case/text_scanner.hh"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace tcpwitness {
namespace {

bool is_blank(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

bool is_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

// Follows quotes and brackets through a text.
class Nesting {
  public:
    // Whether `letter` itself stands outside of all quotes and brackets.
    bool outside(char letter) {
        if (quote_ != 0) {
            if (letter == quote_) quote_ = 0;
            return false;
        }
        if (letter == '"') {
            quote_ = letter;
            return false;
        }
        if (letter == '(' || letter == '[' || letter == '{') {
            ++depth_;
            return false;
        }
        if (letter == ')' || letter == ']' || letter == '}') {
            if (depth_ == 0) return true;
            --depth_;
            return false;
        }
        return depth_ == 0;
    }

  private:
    char quote_ = 0;
    int depth_ = 0;
};

}  // namespace

void TextScanner::skip_blanks() {
    while (!at_end() && is_blank(text_.text()[offset_])) ++offset_;
}

bool TextScanner::take(std::string_view literal) {
    if (!rest().starts_with(literal)) return false;
    offset_ += literal.size();
    skip_blanks();
    return true;
}

std::string TextScanner::take_name(std::string_view more) {
    const std::string_view left = rest();
    if (left.empty() || !is_letter(left.front())) return {};
    size_t length = 1;
    while (length < left.size() &&
           (is_letter(left[length]) || is_digit(left[length]) || more.find(left[length]) != std::string_view::npos)) {
        ++length;
    }
    std::string name(left.substr(0, length));
    offset_ += length;
    skip_blanks();
    return name;
}

CaseText TextScanner::take_word() {
    const size_t first = offset_;
    while (!at_end() && !is_blank(text_.text()[offset_])) ++offset_;
    CaseText word = text_.part(first, offset_ - first);
    skip_blanks();
    return word;
}

CaseText TextScanner::take_argument() {
    const size_t first = offset_;
    Nesting nesting;
    for (; !at_end(); ++offset_) {
        const char letter = text_.text()[offset_];
        if (nesting.outside(letter) && (letter == ',' || letter == ')' || letter == ']' || letter == '}')) break;
    }
    return text_.part(first, offset_ - first);
}

size_t find_word(const CaseText& text, std::string_view word, size_t from) {
    const std::string_view source = text.text();
    Nesting nesting;
    for (size_t i = 0; i < source.size(); ++i) {
        const bool outside = nesting.outside(source[i]);
        if (!outside || i < from || !source.substr(i).starts_with(word)) continue;
        const size_t behind = i + word.size();
        if ((i == 0 || is_blank(source[i - 1])) && (behind == source.size() || is_blank(source[behind]))) return i;
    }
    return std::string::npos;
}

std::vector<CaseText> split_text(const CaseText& text, std::string_view separator) {
    const std::string_view source = text.text();
    std::vector<CaseText> parts;
    Nesting nesting;
    size_t first = 0;
    for (size_t i = 0; i < source.size(); ++i) {
        if (!nesting.outside(source[i]) || i < first || !source.substr(i).starts_with(separator)) continue;
        parts.push_back(text.part(first, i - first));
        first = i + separator.size();
    }
    parts.push_back(text.part(first));
    return parts;
}

std::vector<CaseText> split_words(const CaseText& text) {
    std::vector<CaseText> words;
    const std::string_view source = text.text();
    Nesting nesting;
    size_t first = 0;
    for (size_t i = 0; i <= source.size(); ++i) {
        if (i < source.size() && !(nesting.outside(source[i]) && is_blank(source[i]))) continue;
        if (i > first) words.push_back(text.part(first, i - first));
        first = i + 1;
    }
    return words;
}

std::string join_words(const std::vector<std::string>& words) {
    std::string text;
    for (size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
        text += words[i];
    }
    return text;
}

namespace {

std::string in_capitals(std::string_view word) {
    std::string result(word);
    for (char& letter : result) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return result;
}

// Whoever writes fin_wait_1 means FIN_WAIT_1.
std::string nearest_in_any_case(std::string_view word, const std::vector<std::string>& known) {
    const std::string near = nearest_word(word, known);
    if (!near.empty()) return near;
    std::vector<std::string> capitals;
    for (const std::string& each : known) capitals.push_back(in_capitals(each));
    const std::string found = nearest_word(in_capitals(word), capitals);
    const auto at = std::find(capitals.begin(), capitals.end(), found);
    return at == capitals.end() ? "" : known[static_cast<size_t>(at - capitals.begin())];
}

}  // namespace

void add_unknown(Diagnostics& diagnostics, const SourcePosition& position, std::string_view what, std::string_view word,
                 const std::vector<std::string>& known) {
    constexpr size_t kListed = 24;
    const std::string near = nearest_in_any_case(word, known);
    std::string hint;
    if (!near.empty()) {
        hint = fmt::format("did you mean '{}'?", near);
    } else if (!known.empty() && known.size() <= kListed) {
        hint = fmt::format("known: {}", join_words(known));
    }
    diagnostics.add(position, fmt::format("unknown {} '{}'", what, word), hint);
}

}  // namespace tcpwitness
