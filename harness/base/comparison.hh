// A number and how an observed one must compare with it: "1", ">= 1".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcpwitness {

enum class Relation : uint8_t { equal, not_equal, less, at_most, greater, at_least };

std::string_view to_string(Relation relation);  // "=", "!=", "<", "<=", ">", ">="

struct Comparison {
    Relation relation = Relation::equal;
    int64_t value = 0;

    bool holds(int64_t observed) const;
    auto operator<=>(const Comparison&) const = default;
};

std::string to_string(const Comparison& comparison);  // "1", ">= 1"

// The relation that `text` begins with, taken off it together with blanks around it; nothing when there is none.
// "==" is read as "=".
std::optional<Relation> take_relation(std::string_view& text);

// Reads "3", "= 3", ">= 3"; nothing when it is not a comparison with an integer.
std::optional<Comparison> parse_comparison(std::string_view text);

// A decimal integer with nothing before or behind it.
std::optional<int64_t> parse_integer(std::string_view text);

}  // namespace tcpwitness
