// What each parameter of a call takes.
#include <fmt/core.h>

#include <algorithm>

#include "base/socket_names.hh"
#include "case/argument_parser.hh"
#include "case/option_list_check.hh"
#include "case/text_scanner.hh"

namespace tcpwitness {
namespace {

using Kind = Value::Kind;

struct Checked {
    const CaseArgument& argument;
    const CaseText& text;
    const std::vector<CaseArgument>& before;
    Diagnostics& diagnostics;

    bool is(Kind kind) const { return argument.value.kind == kind; }
    bool refuse(std::string message, std::string hint = {}) const {
        diagnostics.add(text.at(0), std::move(message), std::move(hint));
        return false;
    }
    bool expected(std::string_view what, std::string hint = {}) const {
        return refuse(fmt::format("'{}' stands where {} belongs", text.text(), what), std::move(hint));
    }
};

// Names that begin with one of the prefixes, for hints.
std::vector<std::string> constants_with(const std::vector<std::string_view>& prefixes) {
    std::vector<std::string> names;
    for (const std::string& name : socket_constant_names()) {
        for (const std::string_view prefix : prefixes) {
            if (name.starts_with(prefix)) names.push_back(name);
        }
    }
    return names;
}

// Every word between '|' must be a constant with one of the prefixes (any constant when there are none).
bool check_constants(const Checked& it, std::string_view what, const std::vector<std::string_view>& prefixes) {
    if (it.is(Kind::integer)) return true;
    if (!it.is(Kind::symbol)) return it.expected(what);
    const std::vector<std::string> known = prefixes.empty() ? socket_constant_names() : constants_with(prefixes);
    bool good = true;
    for (const CaseText& word : split_text(it.text, "|")) {
        if (std::find(known.begin(), known.end(), word.text()) != known.end()) continue;
        if (word.text() == "0" || (prefixes.empty() && parse_integer(word.text()))) continue;
        good = false;
        if (socket_constant(word.text())) {
            it.diagnostics.add(word.at(0), fmt::format("'{}' stands where {} belongs", word.text(), what));
        } else {
            add_unknown(it.diagnostics, word.at(0), what.substr(what.find(' ') + 1), word.text(), known);
        }
    }
    return good;
}

bool check_socket_kind(const Checked& it) {
    const std::string& word = it.argument.value.text;
    if (it.is(Kind::symbol) && (word == "ipv4" || word == "ipv6")) return true;
    if (it.is(Kind::integer) && it.argument.value.integer == 0) return true;
    return check_constants(
        it, "a family, type or protocol of socket",
        {"AF_INET", "PF_INET", "SOCK_STREAM", "SOCK_NONBLOCK", "SOCK_CLOEXEC", "IPPROTO_TCP", "IPPROTO_MPTCP"});
}

bool check_option(const Checked& it) {
    if (it.is(Kind::integer)) return true;
    if (!it.is(Kind::symbol)) return it.expected("a socket option");
    const std::optional<SocketOption> option = socket_option(it.argument.value.text);
    if (!option) {
        std::vector<std::string> names;
        for (const SocketOption& each : socket_options()) names.emplace_back(each.name);
        add_unknown(it.diagnostics, it.text.at(0), "socket option", it.argument.value.text, names);
        return false;
    }
    const Value& level = it.before.back().value;
    if (level.kind != Kind::symbol || socket_constant(level.text) == option->level) return true;
    return it.refuse(fmt::format("{} is an option of {}, not of {}", option->name, option->level_name, level.text),
                     "give the level as a number to ask the kernel for the wrong one");
}

// The option that the arguments before name, when it has a name.
std::optional<SocketOption> option_before(const Checked& it) {
    const Value& option = it.before.back().value;
    return option.kind == Kind::symbol ? socket_option(option.text) : std::nullopt;
}

bool check_integer_value(const Checked& it, const SocketOption& option) {
    if (it.is(Kind::duration)) {
        return option.unit > Duration::zero() ||
               it.refuse(fmt::format("{} takes a number, not a duration", option.name));
    }
    const std::string& word = it.argument.value.text;
    if (it.is(Kind::symbol) && (word == "on" || word == "off")) return true;
    return check_constants(it, "a value", {});
}

bool check_option_value(const Checked& it) {
    const std::optional<SocketOption> option = option_before(it);
    if (has_fields(it.argument) && (!option || option->kind != OptionKind::ao_info))
        return it.refuse("only TCP_AO_INFO takes fields with names");
    if (!option) return true;
    const auto needs = [&](bool good, std::string_view form) {
        return good || it.refuse(fmt::format("{} does not take '{}'", option->name, it.text.text()),
                                 fmt::format("write {}", form));
    };
    const size_t items = it.argument.items.size();
    const bool list = it.is(Kind::list);
    switch (option->kind) {
        case OptionKind::integer:
            return check_integer_value(it, *option);
        case OptionKind::linger:
            return needs(list && items == 2, "{on, 2s} or {off, 0s}");
        case OptionKind::interval:
            return needs(it.is(Kind::duration) || (it.is(Kind::integer) && it.argument.value.integer == 0),
                         "a duration as 1500ms, or 0");
        case OptionKind::text:
            return needs(it.is(Kind::text) || it.is(Kind::symbol), "a name as cubic");
        case OptionKind::port_range:
            return needs(it.is(Kind::integer) || (list && items == 2), "{40000, 40010}");
        case OptionKind::address:
        case OptionKind::ip_address:
            return needs(it.is(Kind::address), "an address as server:0");
        case OptionKind::words:
            return needs(it.is(Kind::integer) || list, "{1, 2, 3}");
        case OptionKind::filter:
            return needs(list, "{{code, jt, jf, k}, ...}");
        case OptionKind::md5_key:
        case OptionKind::ao_key:
        case OptionKind::ao_deletion:
            return check_key(it.argument, it.text, *option, it.diagnostics);
        case OptionKind::ao_info:
            return check_fields(it.argument, it.text, *option, it.diagnostics);
        case OptionKind::bytes:
            return needs(it.is(Kind::integer) || it.is(Kind::text), "hexadecimal digits as \"0a00\"");
        case OptionKind::unsigned64:
            return needs(it.is(Kind::integer), "a number");
        case OptionKind::error:
        case OptionKind::tcp_info:
        case OptionKind::credentials:
            return needs(it.is(Kind::integer), "a number (the option is read only)");
    }
    return true;
}

bool check_tcp_info_field(const Checked& it) {
    const std::optional<SocketOption> option = option_before(it);
    if (!option || option->kind != OptionKind::tcp_info) return it.refuse("only TCP_INFO has fields");
    const std::vector<std::string> fields = tcp_info_fields();
    if (it.is(Kind::symbol) && std::find(fields.begin(), fields.end(), it.argument.value.text) != fields.end())
        return true;
    add_unknown(it.diagnostics, it.text.at(0), "field of tcp_info", it.text.text(), fields);
    return false;
}

bool check_amount(const Checked& it, bool is_payload) {
    constexpr int64_t kMost = int64_t{64} << 20;  // what a tcp_actor takes in one call
    const Value& value = it.argument.value;
    if (is_payload && it.is(Kind::text)) return true;
    if (!is_payload && it.is(Kind::symbol) && value.text == "all") return true;
    if (!it.is(Kind::integer))
        return it.expected(is_payload ? "a number of bytes or a \"text\"" : "a number of bytes or 'all'");
    return (value.integer >= 0 && value.integer <= kMost) || it.refuse("one call takes 0 bytes to 64 MiB (67108864)");
}

bool check_plain(const Checked& it, Parameter parameter) {
    switch (parameter) {
        case Parameter::socket_kind:
            return check_socket_kind(it);
        case Parameter::address:
            return it.is(Kind::address) || it.expected("an address", "write server:7000");
        case Parameter::target:
            return it.is(Kind::address) || (it.is(Kind::symbol) && it.argument.value.text == "AF_UNSPEC") ||
                   it.expected("an address", "write server:7000");
        case Parameter::level:
            return check_constants(it, "a level", {"SOL_", "IPPROTO_"});
        case Parameter::option:
            return check_option(it);
        case Parameter::option_value:
            return check_option_value(it);
        case Parameter::tcp_info_field:
            return check_tcp_info_field(it);
        case Parameter::number:
            return check_constants(it, "a number", {});
        case Parameter::payload:
            return check_amount(it, true);
        case Parameter::length:
            return check_amount(it, false);
        case Parameter::message_flags:
            return check_constants(it, "a flag", {"MSG_"});
        case Parameter::direction:
            return check_constants(it, "a direction", {"SHUT_"});
        case Parameter::accept_flags:
            return check_constants(it, "a flag", {"SOCK_NONBLOCK", "SOCK_CLOEXEC"});
        case Parameter::events:
            return check_constants(it, "an event", {"POLL"});
        case Parameter::timeout:
            return it.is(Kind::integer) || it.is(Kind::duration) || it.expected("a timeout");
        case Parameter::socket:
            break;
    }
    return true;
}

}  // namespace

bool check_argument(const CaseArgument& argument, Parameter parameter, const CaseText& text,
                    const std::vector<CaseArgument>& before, const std::string& program, Scope& scope) {
    const Checked it{argument, text, before, scope.diagnostics()};
    if (parameter != Parameter::socket) return check_plain(it, parameter);
    if (!it.is(Kind::symbol)) return it.expected("a socket");
    return scope.socket(program, text);
}

}  // namespace tcpwitness
