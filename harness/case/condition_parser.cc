#include "case/condition_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/tcp_info.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kConditionForms =
    "write 'client c TIME_WAIT', 'server :7000 LISTEN', 'client c tcp_info.rto >= 200000', 'nginx exit', "
    "'client > server FIN', 'path drop' or 'server TcpExt.ListenDrops >= 1'";

std::nullopt_t refuse(const CaseText& text, Scope& scope) {
    scope.diagnostics().add(text.at(0), fmt::format("'{}' is not a condition", text.text()), std::string(kConditionForms));
    return std::nullopt;
}

// The text behind the first `count` words.
CaseText behind_words(const CaseText& text, const std::vector<CaseText>& words, size_t count) {
    size_t at = 0;
    for (size_t i = 0; i < count; ++i) at = text.text().find(words[i].text(), at) + words[i].text().size();
    return text.part(at);
}

// "client > server FIN len > 0"
std::optional<Condition> parse_segment(const std::vector<CaseText>& words, const CaseText& text, Scope& scope) {
    constexpr std::string_view kLength = "len";
    if (words.size() < 4) return refuse(text, scope);
    SegmentCondition condition;
    CaseText rest = behind_words(text, words, 3);
    const std::optional<std::pair<std::string, std::string>> ends =
        parse_direction(text.part(0, text.text().size() - rest.text().size()), scope.diagnostics());
    const size_t length_at = rest.text().find(kLength);
    if (length_at != std::string::npos) {
        condition.payload_length = parse_comparison(rest.part(length_at + kLength.size()), scope.diagnostics());
        if (!condition.payload_length) return std::nullopt;
        rest = rest.part(0, length_at);
    }
    const std::optional<uint8_t> flags = parse_flags(rest, scope.diagnostics());
    if (!ends || !flags) return std::nullopt;
    condition.from = ends->first;
    condition.to = ends->second;
    condition.flags = *flags;
    return condition;
}

// "nginx exit = 0"
std::optional<Condition> parse_exit(const std::vector<CaseText>& words, const CaseText& text, Scope& scope) {
    const CaseProgram* program = scope.program(words[0]);
    if (program == nullptr) return std::nullopt;
    ExitCondition condition{.program = program->name};
    if (words.size() == 2) return condition;
    const size_t equals = text.text().find('=');
    if (words[2].text() != "=" || words.size() != 4) return refuse(text, scope);
    const std::optional<ExitOutcome> outcome = parse_exit_outcome(text.part(equals + 1), scope.diagnostics());
    if (!outcome) return std::nullopt;
    condition.exit_status = outcome->exit_status;
    condition.signal = outcome->signal;
    return condition;
}

// "server TcpExt.ListenDrops >= 1"
std::optional<Condition> parse_counter(const std::vector<CaseText>& words, const CaseText& text, Scope& scope) {
    const std::optional<std::string> host = scope.host(words[0]);
    const std::optional<Comparison> comparison = parse_comparison(behind_words(text, words, 2), scope.diagnostics());
    if (!host || !comparison) return std::nullopt;
    return CounterCondition{*host, words[1].text(), *comparison};
}

// "path hold"
std::optional<Condition> parse_fault(const CaseText& name, Scope& scope) {
    static const std::vector<std::string> kFaults{"drop", "delay",  "duplicate", "reorder",
                                                  "corrupt", "hold", "blackhole", "move"};
    if (std::find(kFaults.begin(), kFaults.end(), name.text()) != kFaults.end()) return FaultCondition{name.text()};
    add_unknown(scope.diagnostics(), name.at(0), "fault", name.text(), kFaults);
    return std::nullopt;
}

std::optional<Condition> parse_tcp_info(const SocketReference& socket, const std::vector<CaseText>& words,
                                        const CaseText& text, Scope& scope) {
    constexpr std::string_view kPrefix = "tcp_info.";
    std::string_view field = words[2].text();
    field.remove_prefix(kPrefix.size());
    const size_t end = field.find_first_of("=<>!");
    const std::vector<std::string> fields = tcp_info_fields();
    const std::string name(field.substr(0, end));
    if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
        add_unknown(scope.diagnostics(), words[2].at(kPrefix.size()), "field of tcp_info", name, fields);
        return std::nullopt;
    }
    CaseText rest = behind_words(text, words, 2);
    rest = rest.part(kPrefix.size() + name.size());
    const std::optional<Comparison> comparison = parse_comparison(rest, scope.diagnostics());
    if (!comparison) return std::nullopt;
    return TcpInfoCondition{socket, name, *comparison};
}

std::optional<Condition> parse_of_socket(const std::vector<CaseText>& words, const CaseText& text, Scope& scope) {
    const size_t socket_end = text.text().size() - behind_words(text, words, 2).text().size();
    const std::optional<SocketReference> socket = scope.socket_reference(text.part(0, socket_end));
    if (words[2].text().starts_with("tcp_info.")) {
        if (!socket) return std::nullopt;
        return parse_tcp_info(*socket, words, text, scope);
    }
    if (words.size() != 3) return refuse(text, scope);
    const std::optional<TcpState> state = parse_tcp_state(words[2].text());
    if (!state) add_unknown(scope.diagnostics(), words[2].at(0), "state", words[2].text(), tcp_state_names());
    if (!socket || !state) return std::nullopt;
    return StateCondition{*socket, *state};
}

}  // namespace

std::optional<Condition> parse_condition(const CaseText& text, Scope& scope) {
    const std::vector<CaseText> words = split_words(text);
    if (words.size() < 2) return refuse(text, scope);
    if (words[1].text() == ">") return parse_segment(words, text, scope);
    if (words[0].text() == "path" && words.size() == 2) return parse_fault(words[1], scope);
    if (words[1].text() == "exit") return parse_exit(words, text, scope);
    if (words.size() < 3) return refuse(text, scope);
    if (is_counter_name(words[1].text())) return parse_counter(words, text, scope);
    return parse_of_socket(words, text, scope);
}

}  // namespace tcpwitness
