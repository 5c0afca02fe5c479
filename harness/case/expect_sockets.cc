// Expectations about sockets at their end: `timewait` and `sockets`.
#include <fmt/core.h>

#include <algorithm>

#include "case/expect_parser.hh"
#include "case/states_parser.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"
#include "case/when_parser.hh"

namespace tcpwitness {
namespace {

std::optional<std::string> parse_cause(const CaseText& text, Diagnostics& diagnostics) {
    static const std::vector<std::string> kCauses{"timer", "descheduled"};  // StateChange::cause
    if (std::find(kCauses.begin(), kCauses.end(), text.text()) != kCauses.end()) return text.text();
    add_unknown(diagnostics, text.at(0), "end of TIME_WAIT", text.text(), kCauses);
    return std::nullopt;
}

CaseTimeWait parse_time_wait(const CaseText& key, const SocketReference& socket, const YamlNode& map,
                             YamlFields& fields) {
    Diagnostics& diagnostics = fields.diagnostics();
    CaseTimeWait expected{.source = {key.at(0), key.text() + ":"}, .socket = socket};
    fields.check_keys(map, {"restarts", "length", "ended by"});
    for (const YamlEntry& entry : map.entries) {
        const std::optional<CaseText> text = fields.text(entry.value, fmt::format("'{}'", entry.key.text.text()));
        if (!text) continue;
        const std::string& name = entry.key.text.text();
        expected.source.text += fmt::format(" {}: {}", name, text->text());
        if (name == "restarts") {
            expected.restarts = parse_choice(*text, diagnostics,
                                             [&](const CaseText& part) { return parse_comparison(part, diagnostics); });
        } else if (name == "length") {
            expected.length = parse_choice(*text, diagnostics,
                                           [&](const CaseText& part) { return parse_measure(part, diagnostics); });
        } else if (name == "ended by") {
            expected.ended_by =
                parse_choice(*text, diagnostics, [&](const CaseText& part) { return parse_cause(part, diagnostics); });
        }
    }
    return expected;
}

// A closed socket is no socket that could be left.
bool can_be_left(const CaseText& name, TcpState state, Diagnostics& diagnostics) {
    if (state != TcpState::closed) return true;
    diagnostics.add(name.at(0), "impossible: no socket is left in CLOSED",
                    "write 'none' for a host where nothing is left");
    return false;
}

void parse_left(const YamlNode& map, CaseSockets& expected, YamlFields& fields) {
    Diagnostics& diagnostics = fields.diagnostics();
    for (const YamlEntry& entry : map.entries) {
        const CaseText name = fields.key(entry);
        const std::optional<TcpState> state = parse_state(name, diagnostics);
        const std::optional<CaseText> text = fields.text(entry.value, "a number of sockets");
        if (!text) continue;
        auto count =
            parse_choice(*text, diagnostics, [&](const CaseText& part) { return parse_comparison(part, diagnostics); });
        if (!state || !can_be_left(name, *state, diagnostics)) continue;
        expected.source.text += fmt::format(" {}: {}", name.text(), text->text());
        expected.states.emplace_back(*state, std::move(count));
    }
}

}  // namespace

std::vector<CaseTimeWait> parse_expected_time_wait(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseTimeWait> all;
    if (!fields.is_map(node, "'timewait'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        const std::optional<SocketReference> socket = scope.socket_reference(key);
        if (!fields.is_map(entry.value, "what is said of a TIME_WAIT")) continue;
        CaseTimeWait expected = parse_time_wait(key, socket.value_or(SocketReference{}), entry.value, fields);
        if (socket) all.push_back(std::move(expected));
    }
    return all;
}

std::vector<CaseSockets> parse_expected_sockets(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseSockets> all;
    if (!fields.is_map(node, "'sockets'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        CaseSockets expected{.source = {key.at(0), key.text() + ":"}};
        if (entry.value.is_map()) {
            parse_left(entry.value, expected, fields);
        } else if (const std::optional<CaseText> text = fields.text(entry.value, "what is left at a host")) {
            expected.source.text += " " + text->text();
            if (text->text() != "none") {
                fields.diagnostics().add(text->at(0), fmt::format("'{}' says nothing of sockets", text->text()),
                                         "write 'none' or {TIME_WAIT: 1}");
            }
        } else {
            continue;
        }
        const std::optional<std::string> host = scope.host(key);
        if (!host) continue;
        expected.host = *host;
        all.push_back(std::move(expected));
    }
    return all;
}

}  // namespace tcpwitness
