#include "base/comparison.hh"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <utility>

namespace tcpwitness {
namespace {

// Longer spellings first, so that ">=" is not read as ">".
constexpr std::array<std::pair<std::string_view, Relation>, 7> kSpellings{{
    {">=", Relation::at_least},
    {"<=", Relation::at_most},
    {"!=", Relation::not_equal},
    {"==", Relation::equal},
    {"=", Relation::equal},
    {">", Relation::greater},
    {"<", Relation::less},
}};

void skip_blanks(std::string_view& text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
}

}  // namespace

std::string_view to_string(Relation relation) {
    constexpr std::array<std::string_view, 6> kNames{"=", "!=", "<", "<=", ">", ">="};
    return kNames.at(static_cast<size_t>(relation));
}

bool Comparison::holds(int64_t observed) const {
    switch (relation) {
        case Relation::equal:
            return observed == value;
        case Relation::not_equal:
            return observed != value;
        case Relation::less:
            return observed < value;
        case Relation::at_most:
            return observed <= value;
        case Relation::greater:
            return observed > value;
        case Relation::at_least:
            return observed >= value;
    }
    return false;
}

std::string to_string(const Comparison& comparison) {
    if (comparison.relation == Relation::equal) return fmt::format("{}", comparison.value);
    return fmt::format("{} {}", to_string(comparison.relation), comparison.value);
}

std::optional<Relation> take_relation(std::string_view& text) {
    skip_blanks(text);
    for (const auto& [spelling, relation] : kSpellings) {
        if (!text.starts_with(spelling)) continue;
        text.remove_prefix(spelling.size());
        skip_blanks(text);
        return relation;
    }
    return std::nullopt;
}

std::optional<int64_t> parse_integer(std::string_view text) {
    int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last) return std::nullopt;
    return number;
}

std::optional<Comparison> parse_comparison(std::string_view text) {
    const Relation relation = take_relation(text).value_or(Relation::equal);
    const std::optional<int64_t> value = parse_integer(text);
    if (!value) return std::nullopt;
    return Comparison{relation, *value};
}

}  // namespace tcpwitness
