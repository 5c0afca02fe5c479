#include "plan/plan.hh"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error.hh"
#include "case/tcp_flags.hh"

namespace tcpwitness {
namespace {

std::string signal_name(int signal) {
    const char* name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string spell(const StateCondition& condition) {
    return fmt::format("{} {}", to_string(condition.socket), to_string(condition.state));
}

// "retransmits >= 2", and "retransmits = 2" where Comparison alone would be "2".
std::string spell_compared(const Comparison& comparison) {
    return comparison.relation == Relation::equal ? "= " + to_string(comparison) : to_string(comparison);
}

std::string spell(const TcpInfoCondition& condition) {
    return fmt::format("{} tcp_info.{} {}", to_string(condition.socket), condition.field,
                       spell_compared(condition.comparison));
}

std::string spell(const ExitCondition& condition) {
    if (condition.signal) return fmt::format("{} exit = {}", condition.program, signal_name(*condition.signal));
    if (condition.exit_status) return fmt::format("{} exit = {}", condition.program, *condition.exit_status);
    return condition.program + " exit";
}

std::string spell(const SegmentCondition& condition) {
    std::string text = fmt::format("{} > {} {}", condition.from, condition.to, spell_tcp_flags(condition.flags));
    if (!condition.payload_length) return text;
    const std::string length = to_string(*condition.payload_length);
    return text + (condition.payload_length->relation == Relation::equal ? " len=" : " len ") + length;
}

std::string spell(const CounterCondition& condition) {
    return fmt::format("{} {} {}", condition.host, condition.counter, spell_compared(condition.comparison));
}

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
    int64_t number = 0;
    const char* last = output.data() + output.size();
    const auto [end, error] = std::from_chars(output.data(), last, number);
    return error == std::errc{} && end == last && expected.holds(number);
}

}  // namespace

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
    switch (comparison.relation) {
        case Relation::equal:
            break;
        case Relation::not_equal:
            return fmt::format("!= {}", comparison.value);
        case Relation::less:
            return fmt::format("< {}", comparison.value);
        case Relation::at_most:
            return fmt::format("<= {}", comparison.value);
        case Relation::greater:
            return fmt::format("> {}", comparison.value);
        case Relation::at_least:
            return fmt::format(">= {}", comparison.value);
    }
    return fmt::format("{}", comparison.value);
}

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

std::string to_string(const SocketReference& reference) {
    if (!reference.name.empty()) return fmt::format("{} {}", reference.program, reference.name);
    if (reference.port) return fmt::format("{} :{}", reference.host, *reference.port);
    return reference.host;
}

std::string to_string(const Condition& condition) {
    return std::visit([](const auto& each) { return spell(each); }, condition);
}

std::string to_string(const Expression& expression) {
    std::string text;
    for (const Term& term : expression) {
        if (term.negative) {
            text += '-';
        } else if (!text.empty()) {
            text += '+';
        }
        text += term.variable.empty() ? fmt::format("{}", term.integer) : term.variable;
    }
    return text;
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
