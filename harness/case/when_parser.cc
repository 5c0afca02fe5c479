#include "case/when_parser.hh"

#include <fmt/core.h>

#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kWhenForms =
    "write 'kernel >= 6.14', 'family = ipv6', 'clock = virtual', 'sysctl KEY' or 'no sysctl KEY', joined by 'and' or "
    "'or'";

std::optional<std::vector<int>> parse_version(std::string_view text) {
    std::vector<int> numbers;
    while (true) {
        const size_t dot = text.find('.');
        const std::optional<int64_t> number = parse_integer(text.substr(0, dot));
        constexpr int64_t kLargest = 100'000;
        if (!number || *number < 0 || *number > kLargest) return std::nullopt;
        numbers.push_back(static_cast<int>(*number));
        if (dot == std::string_view::npos) break;
        text.remove_prefix(dot + 1);
    }
    if (numbers.size() > 3) return std::nullopt;
    return numbers;
}

std::optional<WhenTest> parse_kernel(std::string_view rest) {
    const std::optional<Relation> relation = take_relation(rest);
    const std::optional<std::vector<int>> version = parse_version(rest);
    if (!relation || !version) return std::nullopt;
    return WhenTest{.kind = WhenTest::Kind::kernel, .relation = *relation, .version = *version};
}

std::optional<WhenTest> parse_family_test(std::string_view rest) {
    const std::optional<Relation> relation = take_relation(rest);
    if (relation != Relation::equal && relation != Relation::not_equal) return std::nullopt;
    if (rest != "ipv4" && rest != "ipv6") return std::nullopt;
    return WhenTest{
        .kind = WhenTest::Kind::family, .relation = *relation, .family = rest == "ipv4" ? Family::ipv4 : Family::ipv6};
}

std::optional<WhenTest> parse_clock(std::string_view rest) {
    const std::optional<Relation> relation = take_relation(rest);
    if (relation != Relation::equal && relation != Relation::not_equal) return std::nullopt;
    if (rest != "virtual" && rest != "real") return std::nullopt;
    return WhenTest{.kind = WhenTest::Kind::clock, .relation = *relation, .virtual_time = rest == "virtual"};
}

std::optional<WhenTest> parse_sysctl_test(std::string_view key, Relation relation) {
    if (!is_sysctl_key(key)) return std::nullopt;
    return WhenTest{.kind = WhenTest::Kind::sysctl, .relation = relation, .sysctl = std::string(key)};
}

std::optional<WhenTest> parse_test(const CaseText& text, Diagnostics& diagnostics) {
    TextScanner scanner(text);
    const std::string subject = scanner.take_name();
    std::optional<WhenTest> test;
    if (subject == "kernel") {
        test = parse_kernel(scanner.rest());
    } else if (subject == "family") {
        test = parse_family_test(scanner.rest());
    } else if (subject == "clock") {
        test = parse_clock(scanner.rest());
    } else if (subject == "sysctl") {
        test = parse_sysctl_test(scanner.rest(), Relation::equal);
    } else if (subject == "no" && scanner.take_name() == "sysctl") {
        test = parse_sysctl_test(scanner.rest(), Relation::not_equal);
    }
    if (!test) diagnostics.add(text.at(0), fmt::format("'{}' is not a condition", text.text()), std::string(kWhenForms));
    return test;
}

// Splits at every `word`.
std::vector<CaseText> split_at_word(const CaseText& text, std::string_view word) {
    std::vector<CaseText> parts;
    size_t first = 0;
    for (size_t at = find_word(text, word); at != std::string::npos; at = find_word(text, word, first)) {
        parts.push_back(text.part(first, at - first));
        first = at + word.size();
    }
    parts.push_back(text.part(first));
    return parts;
}

}  // namespace

std::optional<When> parse_when(const CaseText& text, Diagnostics& diagnostics) {
    When when{.source = text.line()};
    bool good = true;
    for (const CaseText& group : split_at_word(text, "or")) {
        std::vector<WhenTest>& tests = when.any_of.emplace_back();
        for (const CaseText& part : split_at_word(group, "and")) {
            std::optional<WhenTest> test = parse_test(part, diagnostics);
            good = good && test;
            if (test) tests.push_back(std::move(*test));
        }
    }
    if (!good) return std::nullopt;
    return when;
}

std::vector<Clause> parse_clauses(const CaseText& text, Diagnostics& diagnostics) {
    std::vector<Clause> clauses;
    bool is_last = false;  // an alternative without `when`
    for (const CaseText& part : split_at_word(text, "else")) {
        if (is_last) {
            diagnostics.add(part.at(0), "this alternative is never reached", "the one before it has no 'when'");
        }
        const size_t at = find_word(part, "when");
        is_last = at == std::string::npos;
        Clause& clause = clauses.emplace_back(Clause{part.part(0, at), std::nullopt});
        if (at != std::string::npos) clause.when = parse_when(part.part(at + 4), diagnostics);
    }
    return clauses;
}

}  // namespace tcpwitness
