#include "plan/plan.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// Whether `text` reads as `pattern`, in which each '*' stands for any characters.
bool reads_as(std::string_view pattern, std::string_view text) {
    size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return std::all_of(pattern.begin() + static_cast<ptrdiff_t>(p), pattern.end(), [](char c) { return c == '*'; });
}

std::vector<std::string_view> sorted_words(std::string_view text) {
    std::vector<std::string_view> words;
    for (size_t bar = text.find('|'); bar != std::string_view::npos; bar = text.find('|')) {
        words.push_back(text.substr(0, bar));
        text.remove_prefix(bar + 1);
    }
    words.push_back(text);
    std::sort(words.begin(), words.end());
    return words;
}

bool output_matches(const std::string& expected, const std::string& output) {
    if (expected.find('|') != std::string::npos) return sorted_words(expected) == sorted_words(output);
    return reads_as(expected, output);
}

bool value_matches(const Comparison& expected, const std::string& output) {
    const std::optional<int64_t> number = parse_integer(output);
    return number && expected.holds(*number);
}

}  // namespace

std::string to_string(const ExpectedResult& expected) {
    switch (expected.kind) {
        case ExpectedResult::Kind::success:
            break;
        case ExpectedResult::Kind::number:
        case ExpectedResult::Kind::value:
            return to_string(expected.number);
        case ExpectedResult::Kind::error:
            return errno_name(expected.error_number);
        case ExpectedResult::Kind::output:
            return expected.output;
        case ExpectedResult::Kind::any:
            return "any";
    }
    return "success";
}

bool matches(const ExpectedResult& expected, int64_t result, int error_number, const std::string& output) {
    switch (expected.kind) {
        case ExpectedResult::Kind::success:
            return error_number == 0;
        case ExpectedResult::Kind::number:
            return error_number == 0 && expected.number.holds(result);
        case ExpectedResult::Kind::error:
            return error_number == expected.error_number;
        case ExpectedResult::Kind::output:
            return error_number == 0 && output_matches(expected.output, output);
        case ExpectedResult::Kind::value:
            return error_number == 0 && value_matches(expected.number, output);
        case ExpectedResult::Kind::any:
            return true;
    }
    return false;
}

}  // namespace tcpwitness
