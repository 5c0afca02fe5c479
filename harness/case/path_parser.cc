#include "case/path_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/path_tricks.hh"
#include "case/text_scanner.hh"
#include "case/trick_reader.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

// Where the name of "seq=c.rcv_nxt" or "len>0" ends; npos for an argument without a name.
size_t name_end(const CaseText& argument) {
    TextScanner scanner(argument);
    const size_t length = scanner.take_name().size();
    const bool related =
        !scanner.rest().empty() && std::string_view("=<>!").find(scanner.rest().front()) != std::string::npos;
    return length > 0 && related ? length : std::string::npos;
}

bool is_direction(const std::string& text) {
    return text.find('>') != std::string::npos;
}

// "client > server", or "both" where both directions have a meaning.
bool check_direction(const CaseText& text, const PathFunction& function, Diagnostics& diagnostics) {
    if (text.text() == "both" && function.both) return true;
    if (text.text() == "both") {
        diagnostics.add(text.at(0), fmt::format("{} takes one direction", function.name),
                        "write 'client > server' or 'server > client'");
        return false;
    }
    return parse_direction(text, diagnostics).has_value();
}

bool check_host(const CaseText& text, Diagnostics& diagnostics) {
    if (text.text() == "client" || text.text() == "server") return true;
    add_unknown(diagnostics, text.at(0), "host", text.text(), {"client", "server"});
    return false;
}

// The words that stand without a name, in the order the function takes them.
bool check_positional(const std::vector<CaseText>& given, const PathFunction& function, const CaseText& name,
                      Diagnostics& diagnostics) {
    if (given.size() < function.required || given.size() > function.positional.size()) {
        diagnostics.add(name.at(0),
                        fmt::format("{} does not take {} arguments without a name", function.name, given.size()),
                        fmt::format("write {}", function.form));
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < given.size(); ++i) {
        switch (function.positional[i]) {
            case PathArgument::direction:
                good &= check_direction(given[i], function, diagnostics);
                break;
            case PathArgument::flags:
                good &= given[i].text() == "any" || parse_flags(given[i], diagnostics).has_value();
                break;
            case PathArgument::forged_flags:
                good &= given[i].text() == "none" || parse_flags(given[i], diagnostics).has_value();
                break;
            case PathArgument::host:
                good &= check_host(given[i], diagnostics);
                break;
            case PathArgument::place:
                good &= is_direction(given[i].text()) || given[i].text() == "both"
                            ? check_direction(given[i], function, diagnostics)
                            : check_host(given[i], diagnostics);
                break;
            case PathArgument::word:
                break;
        }
    }
    return good;
}

// "seq=c.rcv_nxt"; what stands behind another relation than '=' keeps it: ">= 10".
bool read_parameter(const CaseText& argument, size_t end, TrickText& trick, Diagnostics& diagnostics) {
    const CaseText name = argument.part(0, end);
    const std::vector<std::string> known(trick.function->parameters.begin(), trick.function->parameters.end());
    if (std::find(known.begin(), known.end(), name.text()) == known.end()) {
        add_unknown(diagnostics, name.at(0), fmt::format("parameter of {}", trick.function->name), name.text(), known);
        return false;
    }
    CaseText value = argument.part(end);
    const bool compares = !value.text().starts_with('=') || value.text().starts_with("==");
    static const std::vector<std::string> kComparable{"len", "seq", "ack"};
    const bool is_selector = trick.function->positional.size() > 1 && trick.function->positional[1] == PathArgument::flags;
    if (compares && (!is_selector || std::find(kComparable.begin(), kComparable.end(), name.text()) == kComparable.end())) {
        diagnostics.add(argument.at(0), fmt::format("'{}' takes only '='", name.text()));
        return false;
    }
    if (!compares) value = value.part(1);
    if (value.empty()) {
        diagnostics.add(argument.at(0), fmt::format("'{}' has no value", name.text()));
        return false;
    }
    const bool twice = std::any_of(trick.parameters.begin(), trick.parameters.end(),
                                   [&](const TrickText::Parameter& each) { return each.name.text() == name.text(); });
    if (twice) diagnostics.add(argument.at(0), fmt::format("'{}' is given twice", name.text()));
    trick.parameters.push_back({name, value});
    return !twice;
}

// "ts", "sackok": options of an injected segment, which stand without a value.
bool is_switch(const CaseText& argument, const PathFunction& function) {
    return std::find(function.switches.begin(), function.switches.end(), argument.text()) != function.switches.end();
}

bool read_path_arguments(const std::vector<CaseText>& arguments, TrickText& trick, Diagnostics& diagnostics) {
    bool good = true;
    for (const CaseText& argument : arguments) {
        const bool first = trick.positional.empty();
        const size_t end = is_direction(argument.text()) && first && argument.text().find('=') == std::string::npos
                               ? std::string::npos
                               : name_end(argument);
        if (end != std::string::npos) {
            good &= read_parameter(argument, end, trick, diagnostics);
        } else if (is_switch(argument, *trick.function)) {
            trick.switches.push_back(argument.text());
        } else {
            trick.positional.push_back(argument);
        }
    }
    return check_positional(trick.positional, *trick.function, trick.name, diagnostics) && good;
}

}  // namespace

std::optional<CasePathTrick> parse_path_trick(const CaseText& text, Scope& scope) {
    TextScanner scanner(text);
    const CaseText name = text.part(0, scanner.take_name().size());
    const PathFunction* function = path_function(name.text());
    if (function == nullptr) {
        add_unknown(scope.diagnostics(), text.at(0), "trick of path", name.empty() ? text.text() : name.text(),
                    path_function_names());
        return std::nullopt;
    }
    const SourcePosition opened = scanner.position();
    if (!scanner.take("(")) {
        scope.diagnostics().add(opened, fmt::format("'(' is missing behind '{}'", name.text()),
                                fmt::format("write {}", function->form));
        return std::nullopt;
    }
    std::vector<CaseText> arguments;
    while (!scanner.take(")")) {
        arguments.push_back(scanner.take_argument());
        if (!scanner.take(",") && !scanner.rest().starts_with(')')) {
            scope.diagnostics().add(opened, "this '(' has no ')'");
            return std::nullopt;
        }
    }
    if (!scanner.at_end()) {
        scope.diagnostics().add(scanner.position(), fmt::format("'{}' stands behind the step's end", scanner.rest()));
        return std::nullopt;
    }
    TrickText parts{.function = function, .name = name};
    if (!read_path_arguments(arguments, parts, scope.diagnostics())) return std::nullopt;
    std::optional<PathTrick> trick = read_trick(parts, scope);
    if (!trick) return std::nullopt;
    CasePathTrick read{.function = name.text(), .trick = std::move(*trick)};
    for (const CaseText& each : parts.positional) read.arguments.push_back(each.text());
    return read;
}

}  // namespace tcpwitness
