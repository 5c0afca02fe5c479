#include "case/trick_values.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kInSocketNames = ".@";  // besides letters, digits and '_'

}  // namespace

const CaseText* TrickValues::find(std::string_view name) const {
    for (const TrickText::Parameter& each : text_.parameters) {
        if (each.name.text() == name) return &each.value;
    }
    return nullptr;
}

bool TrickValues::has_switch(std::string_view name) const {
    return std::find(text_.switches.begin(), text_.switches.end(), name) != text_.switches.end();
}

void TrickValues::refuse(const CaseText& where, std::string message, std::string hint) {
    scope_.diagnostics().add(where.at(0), std::move(message), std::move(hint));
    good_ = false;
}

void TrickValues::refuse_unknown(const CaseText& where, std::string_view what, const std::vector<std::string>& known) {
    add_unknown(scope_.diagnostics(), where.at(0), what, where.text(), known);
    good_ = false;
}

std::optional<int64_t> TrickValues::number(std::string_view name, int64_t least, int64_t most) {
    const CaseText* text = find(name);
    return text == nullptr ? std::nullopt : number_of(*text, least, most);
}

std::optional<int64_t> TrickValues::number_of(const CaseText& text, int64_t least, int64_t most) {
    const std::optional<int64_t> value = parse_integer(text.text());
    if (value && *value >= least && *value <= most) return value;
    refuse(text, fmt::format("'{}' is not a number from {} to {}", text.text(), least, most));
    return std::nullopt;
}

std::optional<Duration> TrickValues::duration(std::string_view name) {
    const CaseText* text = find(name);
    if (text == nullptr) return std::nullopt;
    const std::optional<Duration> value = parse_duration(text->text());
    if (!value) refuse(*text, fmt::format("'{}' is not a duration", text->text()), "write '200ms' or '1.5s'");
    return value;
}

std::optional<Comparison> TrickValues::comparison(std::string_view name) {
    const CaseText* text = find(name);
    if (text == nullptr) return std::nullopt;
    const std::optional<Comparison> value = parse_comparison(*text, scope_.diagnostics());
    good_ = good_ && value;
    return value;
}

std::optional<Expression> TrickValues::numbers(std::string_view name) {
    const CaseText* text = find(name);
    return text == nullptr ? std::nullopt : expression_of(*text);
}

std::optional<NumberTest> TrickValues::number_test(std::string_view name) {
    const CaseText* text = find(name);
    if (text == nullptr) return std::nullopt;
    std::string_view rest = text->text();
    NumberTest test{.relation = take_relation(rest).value_or(Relation::equal)};
    const std::optional<Expression> number = expression_of(text->part(text->text().size() - rest.size()));
    if (!number) return std::nullopt;
    test.number = *number;
    return test;
}

std::string TrickValues::word(std::string_view name, const std::vector<std::string>& known) {
    const CaseText* text = find(name);
    if (text == nullptr) return {};
    if (std::find(known.begin(), known.end(), text->text()) != known.end()) return text->text();
    refuse_unknown(*text, name, known);
    return {};
}

std::string TrickValues::socket(std::string_view name) {
    const CaseText* text = find(name);
    return text == nullptr || !check_socket(*text) ? std::string() : text->text();
}

// "c", "client.c", "c@1": some program made a socket of that name.
bool TrickValues::check_socket(const CaseText& text) {
    const size_t at = std::min(text.text().find('@'), text.text().size());
    const size_t dot = text.text().substr(0, at).find('.');
    const CaseText name =
        text.part(dot == std::string::npos ? 0 : dot + 1, dot == std::string::npos ? at : at - dot - 1);
    if (at < text.text().size() && !number_of(text.part(at + 1), 1, 1000)) return false;
    if (dot != std::string::npos) {
        const CaseProgram* program = scope_.program(text.part(0, dot));
        good_ = good_ && program != nullptr && scope_.socket(program->name, name);
        return good_;
    }
    if (scope_.some_socket(name.text())) return true;
    refuse(name, fmt::format("no step before this one makes a socket '{}'", name.text()),
           "a socket is named by the step that makes it: c = socket()");
    return false;
}

std::optional<Expression> TrickValues::expression_of(const CaseText& text) {
    TextScanner scanner(text);
    Expression expression;
    while (!scanner.at_end() || expression.empty()) {
        Term term;
        const bool with_sign = scanner.rest().starts_with('+') || scanner.rest().starts_with('-');
        if (with_sign && !(term.negative = scanner.take("-"))) scanner.take("+");
        const size_t start = scanner.offset();
        term.variable = scanner.take_name(kInSocketNames);
        const std::string digits(scanner.rest().substr(0, scanner.rest().find_first_not_of("0123456789")));
        if ((!with_sign && !expression.empty()) || (term.variable.empty() && !parse_integer(digits))) {
            refuse(text, fmt::format("'{}' is not a sum of a connection's numbers", text.text()),
                   "write 'c.rcv_nxt', 'c.snd_una-1', or a number counted from the connection's first");
            return std::nullopt;
        }
        if (term.variable.empty()) {
            term.integer = parse_integer(digits).value();
            scanner.take(digits);
        } else {
            const size_t dot = term.variable.rfind('.');
            const std::vector<std::string>& fields = connection_number_names();
            const std::string field = dot == std::string::npos ? term.variable : term.variable.substr(dot + 1);
            if (dot == std::string::npos || std::find(fields.begin(), fields.end(), field) == fields.end()) {
                add_unknown(scope_.diagnostics(), text.at(start), "number of a connection", term.variable, fields);
                good_ = false;
                return std::nullopt;
            }
            if (!check_socket(text.part(start, dot))) return std::nullopt;
        }
        expression.push_back(std::move(term));
    }
    return expression;
}

}  // namespace tcpwitness
