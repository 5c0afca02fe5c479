// What a call is expected to return.
#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "base/socket_names.hh"
#include "case/call_parser.hh"
#include "case/call_signature.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr size_t kOptionArgument = 2;

std::optional<SocketOption> option_of(const CaseCall& call) {
    if (call.arguments.size() <= kOptionArgument) return std::nullopt;
    const Value& option = call.arguments[kOptionArgument].value;
    return option.kind == Value::Kind::symbol ? socket_option(option.text) : std::nullopt;
}

bool looks_like_errno(std::string_view text) {
    return text.size() > 1 && text.front() == 'E' && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

std::vector<std::string> errno_names() {
    constexpr int kLastErrno = 133;  // EHWPOISON, include/uapi/asm-generic/errno.h
    std::vector<std::string> names;
    for (int number = 1; number <= kLastErrno; ++number) names.push_back(errno_name(number));
    return names;
}

std::optional<CaseResult> parse_error(const CaseCall& call, const CaseText& text, Diagnostics& diagnostics) {
    const int number = errno_value(text.text());
    if (number == 0) {
        add_unknown(diagnostics, text.at(0), "error", text.text(), errno_names());
        return std::nullopt;
    }
    // SO_ERROR gives an error as its value; the call itself succeeds.
    const std::optional<SocketOption> option = option_of(call);
    if (call.function == "getsockopt" && option && option->kind == OptionKind::error) {
        return CaseResult{.kind = CaseResult::Kind::output, .output = errno_name(number)};
    }
    return CaseResult{.kind = CaseResult::Kind::error, .error_number = number};
}

// A number that getsockopt gives, spelled as one sets it: "on", "10s", "IP_PMTUDISC_DO".
std::optional<int64_t> option_number(const SocketOption& option, const std::string& text) {
    if (text == "on" || text == "off") return text == "on" ? 1 : 0;
    const std::optional<Duration> duration = parse_duration(text);
    if (duration && option.unit > Duration::zero()) return *duration / option.unit;
    if (const std::optional<int> constant = socket_constants(text)) return *constant;
    return std::nullopt;
}

std::string without_quotes(const std::string& text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<CaseResult> events_output(const CaseText& text, Diagnostics& diagnostics) {
    for (const CaseText& word : split_text(text, "|")) {
        if (word.text().starts_with("POLL") && socket_constant(word.text())) continue;
        std::vector<std::string> known;
        for (const std::string& name : socket_constant_names()) {
            if (name.starts_with("POLL")) known.push_back(name);
        }
        add_unknown(diagnostics, word.at(0), "event", word.text(), known);
        return std::nullopt;
    }
    std::string spelled = text.text();
    spelled.erase(std::remove(spelled.begin(), spelled.end(), ' '), spelled.end());
    return CaseResult{.kind = CaseResult::Kind::output, .output = spelled};
}

std::optional<CaseResult> address_output(const CaseText& text, Scope& scope) {
    std::optional<Endpoint> endpoint = parse_endpoint(text, true, scope);
    if (!endpoint) return std::nullopt;
    return CaseResult{.kind = CaseResult::Kind::output, .output = text.text(), .endpoint = std::move(endpoint)};
}

std::optional<CaseResult> option_output(const CaseCall& call, const CaseText& text, Scope& scope) {
    const std::optional<SocketOption> option = option_of(call);
    if (option && option->kind == OptionKind::address) return address_output(text, scope);
    if (option && option->kind == OptionKind::integer) {
        const std::optional<int64_t> number = option_number(*option, text.text());
        if (number) return CaseResult{.kind = CaseResult::Kind::value, .number = {Relation::equal, *number}};
    }
    return CaseResult{.kind = CaseResult::Kind::output, .output = without_quotes(text.text())};
}

}  // namespace

std::optional<CaseResult> parse_result(const CaseCall& call, const CaseText& text, Scope& scope) {
    const CallSignature* signature = call_signature(call.function);
    if (text.text() == "any") return CaseResult{};
    if (const std::optional<Comparison> number = parse_comparison(std::string_view(text.text()))) {
        const bool of_value = signature->gives == Gives::option_value || signature->gives == Gives::number;
        return CaseResult{.kind = of_value ? CaseResult::Kind::value : CaseResult::Kind::number, .number = *number};
    }
    if (looks_like_errno(text.text())) return parse_error(call, text, scope.diagnostics());
    if (!text.empty()) {
        if (signature->gives == Gives::option_value) return option_output(call, text, scope);
        if (signature->gives == Gives::events) return events_output(text, scope.diagnostics());
        if (signature->gives == Gives::address && text.text().find(':') != std::string::npos)
            return address_output(text, scope);
    }
    scope.diagnostics().add(text.at(0), fmt::format("'{}' is not a result of {}", text.text(), call.function),
                            "write a number, '>= 1', an error as EPIPE, 'any', or '...' for a call that blocks");
    return std::nullopt;
}

}  // namespace tcpwitness
