#include "case/call_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/argument_parser.hh"
#include "case/text_scanner.hh"
#include "case/when_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kGap = "...";

// The parts of a call's text, not yet read.
struct CallText {
    bool finishes = false;  // "... connect(c)"
    std::string makes;
    CaseText function;
    std::vector<CaseText> arguments;
    std::optional<CaseText> result;
    std::string spelled;  // "bind(l, :7000)"
};

bool has_name_before_equals(const CaseText& text) {
    TextScanner scanner(text);
    return !scanner.take_name().empty() && scanner.rest().starts_with('=') && !scanner.rest().starts_with("==");
}

// Takes "(a, b)"; false and a mistake when it is not closed.
bool take_arguments(TextScanner& scanner, CallText& call, Diagnostics& diagnostics) {
    const SourcePosition opened = scanner.position();
    if (!scanner.take("(")) {
        diagnostics.add(opened, fmt::format("'(' is missing behind '{}'", call.function.text()),
                        "a step reads as strace prints it: bind(l, :7000) = 0");
        return false;
    }
    if (scanner.take(")")) return true;
    while (true) {
        call.arguments.push_back(scanner.take_argument());
        if (scanner.take(")")) return true;
        if (!scanner.take(",")) {
            diagnostics.add(opened, "this '(' has no ')'");
            return false;
        }
    }
}

std::optional<CallText> split_call(const CaseText& text, Diagnostics& diagnostics) {
    CallText call;
    TextScanner scanner(text);
    call.finishes = scanner.take(kGap);
    if (has_name_before_equals(scanner.rest_text())) {
        call.makes = scanner.take_name();
        scanner.take("=");
    }
    const size_t function_at = scanner.offset();
    call.function = text.part(function_at, scanner.take_name().size());
    if (call.function.empty()) {
        diagnostics.add(text.at(function_at), fmt::format("'{}' is not a call", text.text()),
                        "a step reads as strace prints it: bind(l, :7000) = 0");
        return std::nullopt;
    }
    if (!take_arguments(scanner, call, diagnostics)) return std::nullopt;
    call.spelled = text.part(function_at, scanner.offset() - function_at).text();
    if (scanner.at_end()) return call;
    const SourcePosition behind = scanner.position();
    const bool relation =
        scanner.rest().starts_with('>') || scanner.rest().starts_with('<') || scanner.rest().starts_with('!');
    if (!relation && !scanner.take("=")) {
        diagnostics.add(behind, fmt::format("'{}' stands where '= result' belongs", scanner.rest()));
        return std::nullopt;
    }
    call.result = scanner.rest_text();
    return call;
}

// Reads the arguments one by one; false when one is wrong.
bool read_arguments(const CallText& text, const CallSignature& signature, CaseCall& call, Scope& scope) {
    const size_t given = text.arguments.size();
    // A call's return names only the socket that it was made on.
    const size_t required = text.finishes ? std::min<size_t>(1, signature.required) : signature.required;
    if (given < required || given > signature.parameters.size()) {
        scope.diagnostics().add(
            text.function.at(0),
            fmt::format("{} takes {}{} arguments, not {}", signature.function,
                        required == signature.parameters.size() ? "" : fmt::format("{} to ", required),
                        signature.parameters.size(), given));
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < given && good; ++i) {
        const CaseText& source = text.arguments[i];
        std::optional<CaseArgument> argument = parse_argument(source, scope);
        good =
            argument && check_argument(*argument, signature.parameters[i], source, call.arguments, call.program, scope);
        if (!good) break;
        if (signature.parameters[i] == Parameter::socket) argument->value.kind = Value::Kind::socket;
        call.arguments.push_back(std::move(*argument));
    }
    return good;
}

bool expects_only_errors(const Choice<CaseResult>& results) {
    return !results.empty() && std::all_of(results.begin(), results.end(), [](const Alternative<CaseResult>& each) {
        return each.wanted.kind == CaseResult::Kind::error;
    });
}

// Enters the socket that the call makes; a mistake when it makes none, or has a name already in use, or nobody could
// speak of it.
void enter_socket(const CallSignature& signature, const CallText& text, const CaseCall& call, Scope& scope) {
    const SourcePosition position = text.function.at(0);
    if (!signature.makes_socket) {
        if (!call.makes.empty()) {
            scope.diagnostics().add(position,
                                    fmt::format("{} makes no socket that '{}' could name", call.function, call.makes));
        }
    } else if (!call.makes.empty()) {
        if (!scope.make_socket(call.program, call.makes)) {
            scope.diagnostics().add(position,
                                    fmt::format("{} has an open socket '{}' already", call.program, call.makes),
                                    "give this one another name, or close the other first");
        }
    } else if (call.mode == CaseCallMode::complete && !expects_only_errors(call.results)) {
        scope.diagnostics().add(position, "the socket that is made here has no name",
                                fmt::format("write s = {}", text.spelled));
    }
}

std::string first_socket(const CaseCall& call) {
    return !call.arguments.empty() && call.arguments[0].value.kind == Value::Kind::socket ? call.arguments[0].value.text
                                                                                          : "";
}

void follow_mode(const CallText& text, const CaseCall& call, Scope& scope) {
    const OpenCall open{call.program, call.function, first_socket(call)};
    if (call.mode == CaseCallMode::begin) {
        scope.begin_call(open);
    } else if (call.mode == CaseCallMode::finish && !scope.finish_call(open)) {
        scope.diagnostics().add(text.function.at(0),
                                fmt::format("no {} of {} is under way here", text.spelled, call.program),
                                fmt::format("a call that blocks is begun with {}(...) = ...", call.function));
    }
}

// "exit()" ends the program and takes its sockets with it; close() frees the name for another socket.
void follow_end(const CaseCall& call, Scope& scope) {
    if (call.function == "exit") scope.forget_open_sockets(call.program);
    if (call.function == "close" && !expects_only_errors(call.results))
        scope.close_socket(call.program, first_socket(call));
}

}  // namespace

std::optional<CaseCall> parse_call(const CaseProgram& program, const CaseText& text, Scope& scope) {
    const std::optional<CallText> parts = split_call(text, scope.diagnostics());
    if (!parts) return std::nullopt;
    const CallSignature* signature = call_signature(parts->function.text());
    if (signature == nullptr) {
        std::vector<std::string> names = call_names();
        names.insert(names.end(), {"kill", "sysctl", "start"});
        add_unknown(scope.diagnostics(), parts->function.at(0), "call", parts->function.text(), names);
        if (!parts->makes.empty()) scope.make_socket(program.name, parts->makes);
        return std::nullopt;
    }
    CaseCall call{
        .program = program.name, .function = parts->function.text(), .makes = parts->makes, .text = parts->spelled};
    bool good = read_arguments(*parts, *signature, call, scope);
    const bool begins = parts->result && parts->result->text() == kGap;
    call.mode = begins ? CaseCallMode::begin : parts->finishes ? CaseCallMode::finish : CaseCallMode::complete;
    if (begins && parts->finishes) {
        scope.diagnostics().add(parts->function.at(0), "a call cannot begin and return in one step");
        good = false;
    }
    if (parts->result && !begins && good) {
        call.results = parse_choice(*parts->result, scope.diagnostics(),
                                    [&](const CaseText& result) { return parse_result(call, result, scope); });
    }
    enter_socket(*signature, *parts, call, scope);
    if (!good) return std::nullopt;
    follow_mode(*parts, call, scope);
    follow_end(call, scope);
    return call;
}

}  // namespace tcpwitness
