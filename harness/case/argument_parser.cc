#include "case/argument_parser.hh"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/socket_names.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr int kDeepestList = 4;

std::optional<int64_t> parse_number(std::string_view text) {
    if (!text.starts_with("0x")) return parse_integer(text);
    int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + 2, last, number, 16);
    if (error != std::errc{} || end != last || number < 0) return std::nullopt;
    return number;
}

// The character of an escape as C has it: \n \r \t \0 \\ \" and \x41; nothing for any other.
std::optional<char> read_escape(std::string_view text, size_t& at) {
    constexpr std::string_view kLetters = "nrt0\\\"";
    constexpr std::string_view kCharacters("\n\r\t\0\\\"", 6);
    const char letter = at < text.size() ? text[at] : '\0';
    const size_t index = kLetters.find(letter);
    if (letter != '\0' && index != std::string_view::npos) {
        ++at;
        return kCharacters[index];
    }
    unsigned code = 0;
    constexpr unsigned kLastAscii = 0x7f;  // the text goes into JSON, which holds UTF-8 only
    if (letter != 'x' || at + 3 > text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + at + 3, code, 16);
    if (error != std::errc{} || end != text.data() + at + 3 || code > kLastAscii) return std::nullopt;
    at += 3;
    return static_cast<char>(code);
}

// What is between the quotes of "PING\r\n".
std::optional<std::string> read_quoted(const CaseText& text, Diagnostics& diagnostics) {
    const std::string& source = text.text();
    std::string result;
    size_t at = 1;
    while (at < source.size() && source[at] != '"') {
        if (source[at] != '\\') {
            result += source[at++];
            continue;
        }
        const size_t backslash = at++;
        const std::optional<char> letter = read_escape(source, at);
        if (!letter) {
            diagnostics.add(text.at(backslash), "unknown escape in a text",
                            "known: \\n \\r \\t \\0 \\\\ \\\" and \\x00 to \\x7f");
            return std::nullopt;
        }
        result += *letter;
    }
    if (at + 1 != source.size()) {
        diagnostics.add(text.at(0), fmt::format("{} is not one text in quotes", source));
        return std::nullopt;
    }
    return result;
}

std::optional<CaseArgument> parse_list(const CaseText& text, int depth, Scope& scope);

bool is_symbol(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '|' ||
               c == ' ' || c == '-' || c == '.';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_letter);
}

// "POLLIN | POLLOUT" as "POLLIN|POLLOUT"
std::string without_blanks(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
    return text;
}

std::optional<CaseArgument> parse_one(const CaseText& text, int depth, Scope& scope);

// What is before the '=' of "rnext=2"; empty when it is no field.
std::string field_name(const CaseText& text) {
    TextScanner scanner(text);
    std::string name = scanner.take_name();
    return scanner.rest().starts_with('=') ? name : std::string();
}

std::optional<CaseArgument> parse_field(const CaseText& text, const std::string& name, int depth, Scope& scope) {
    std::optional<CaseArgument> value = parse_one(text.part(text.text().find('=') + 1), depth, scope);
    if (!value) return std::nullopt;
    CaseArgument field;
    field.value = {.kind = Value::Kind::field, .text = name};
    field.items.push_back(std::move(*value));
    return field;
}

std::optional<CaseArgument> parse_one(const CaseText& text, int depth, Scope& scope) {
    const std::string& source = text.text();
    CaseArgument argument;
    if (source.starts_with('{')) return parse_list(text, depth, scope);
    if (source.starts_with('"')) {
        std::optional<std::string> quoted = read_quoted(text, scope.diagnostics());
        if (!quoted) return std::nullopt;
        argument.value = {.kind = Value::Kind::text, .text = std::move(*quoted)};
    } else if (const std::optional<int64_t> number = parse_number(source)) {
        argument.value.integer = *number;
    } else if (const std::optional<Duration> duration = parse_duration(source)) {
        argument.value = {.kind = Value::Kind::duration, .duration = *duration};
    } else if (source.find(':') != std::string::npos) {
        argument.endpoint = parse_endpoint(text, false, scope);
        if (!argument.endpoint) return std::nullopt;
        argument.value.kind = Value::Kind::address;
    } else if (is_symbol(source)) {
        const std::string word = source.find('|') == std::string::npos ? source : without_blanks(source);
        argument.value = {.kind = Value::Kind::symbol, .text = word};
    } else {
        scope.diagnostics().add(
            text.at(0), source.empty() ? "an argument is missing" : fmt::format("'{}' is not an argument", source),
            "write a number, a name, a duration, an address, a \"text\" or a list {on, 2s}");
        return std::nullopt;
    }
    return argument;
}

std::optional<CaseArgument> parse_list(const CaseText& text, int depth, Scope& scope) {
    const std::string& source = text.text();
    if (!source.ends_with('}') || source.size() < 2 || depth >= kDeepestList) {
        scope.diagnostics().add(text.at(0),
                                depth >= kDeepestList ? "lists are nested too deep" : "this list has no closing '}'");
        return std::nullopt;
    }
    CaseArgument list;
    list.value.kind = Value::Kind::list;
    const CaseText inside = text.part(1, source.size() - 2);
    if (inside.empty()) return list;
    for (const CaseText& part : split_text(inside, ",")) {
        const std::string name = depth == 0 ? field_name(part) : std::string();
        std::optional<CaseArgument> item =
            name.empty() ? parse_one(part, depth + 1, scope) : parse_field(part, name, depth + 1, scope);
        if (!item) return std::nullopt;
        list.items.push_back(std::move(*item));
    }
    return list;
}

}  // namespace

std::optional<CaseArgument> parse_argument(const CaseText& text, Scope& scope) {
    return parse_one(text, 0, scope);
}

}  // namespace tcpwitness
