#include "case/expect_parser.hh"

#include <fmt/core.h>

#include "case/states_parser.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"
#include "case/when_parser.hh"

namespace tcpwitness {
namespace {

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> kKinds{"states",  "wire", "timewait", "sockets", "counters",
                                                 "spacing", "data", "exit",     "when"};
    return kKinds;
}

CaseExpectations parse_map(const YamlNode& map, YamlFields& fields, Scope& scope) {
    CaseExpectations expect;
    fields.check_keys(map, kinds());
    if (const YamlNode* node = map.find("when")) {
        const std::optional<CaseText> text = fields.text(*node, "'when'");
        if (text) expect.when = parse_when(*text, fields.diagnostics());
    }
    if (const YamlNode* node = map.find("states")) expect.states = parse_expected_states(*node, fields, scope);
    if (const YamlNode* node = map.find("wire")) expect.wire = parse_expected_wire(*node, fields, scope);
    if (const YamlNode* node = map.find("timewait")) expect.time_wait = parse_expected_time_wait(*node, fields, scope);
    if (const YamlNode* node = map.find("sockets")) expect.sockets = parse_expected_sockets(*node, fields, scope);
    if (const YamlNode* node = map.find("counters")) expect.counters = parse_expected_counters(*node, fields, scope);
    if (const YamlNode* node = map.find("spacing")) expect.spacing = parse_expected_spacing(*node, fields, scope);
    if (const YamlNode* node = map.find("data")) expect.data = parse_expected_data(*node, fields, scope);
    if (const YamlNode* node = map.find("exit")) expect.exits = parse_expected_exits(*node, fields, scope);
    return expect;
}

SourceLine line_of(const CaseText& key, const CaseText& value) {
    return {key.at(0), fmt::format("{}: {}", key.text(), value.text())};
}

}  // namespace

std::vector<CaseExpectations> parse_expectations(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseExpectations> all;
    if (node.is_map()) {
        all.push_back(parse_map(node, fields, scope));
        return all;
    }
    if (!node.is_sequence()) {
        fields.is_map(node, "'expect'");
        return all;
    }
    for (const YamlNode& item : node.items) {
        if (fields.is_map(item, "an entry of 'expect'")) all.push_back(parse_map(item, fields, scope));
    }
    return all;
}

std::vector<CaseStates> parse_expected_states(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseStates> all;
    if (!fields.is_map(node, "'states'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        const std::optional<SocketReference> socket = scope.socket_reference(key);
        const std::optional<CaseText> text = fields.text(entry.value, "a sequence of states");
        if (!text) continue;
        auto sequence = parse_choice(*text, fields.diagnostics(),
                                     [&](const CaseText& part) { return parse_states(part, fields.diagnostics()); });
        if (socket) all.push_back({line_of(key, *text), *socket, std::move(sequence)});
    }
    return all;
}

std::vector<CaseCounter> parse_expected_counters(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseCounter> all;
    if (!fields.is_map(node, "'counters'")) return all;
    for (const YamlEntry& host_entry : node.entries) {
        const CaseText host_name = fields.key(host_entry);
        const std::optional<std::string> host = scope.host(host_name);
        if (!fields.is_map(host_entry.value, fmt::format("the counters of '{}'", host_name.text()))) continue;
        for (const YamlEntry& entry : host_entry.value.entries) {
            const CaseText name = fields.key(entry);
            if (!is_counter_name(name.text())) {
                fields.diagnostics().add(name.at(0), fmt::format("'{}' is not a counter", name.text()),
                                         "write it as nstat does, with a dot: TcpExt.ListenDrops, Tcp.RetransSegs");
            }
            const std::optional<CaseText> text = fields.text(entry.value, "a counter");
            if (!text) continue;
            auto comparison = parse_choice(*text, fields.diagnostics(), [&](const CaseText& part) {
                return parse_comparison(part, fields.diagnostics());
            });
            if (host) all.push_back({line_of(name, *text), *host, name.text(), std::move(comparison)});
        }
    }
    return all;
}

std::vector<CaseData> parse_expected_data(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseData> all;
    if (!fields.is_map(node, "'data'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        const std::vector<CaseText> ends = split_text(key, ">");
        const std::optional<CaseText> text = fields.text(entry.value, "what is said of data");
        if (text && text->text() != "intact") {
            fields.diagnostics().add(text->at(0), fmt::format("'{}' says nothing of data", text->text()),
                                     "write 'intact'");
        }
        if (ends.size() != 2) {
            fields.diagnostics().add(key.at(0), fmt::format("'{}' names no two sockets", key.text()),
                                     "write 'client c > server s'");
            continue;
        }
        const std::optional<SocketReference> from = scope.socket_reference(ends[0]);
        const std::optional<SocketReference> to = scope.socket_reference(ends[1]);
        for (size_t i = 0; i < ends.size(); ++i) {
            const std::optional<SocketReference>& end = i == 0 ? from : to;
            if (end && end->name.empty()) {
                fields.diagnostics().add(ends[i].at(0), "data is checked between sockets that have names",
                                         "write 'client c > server s'");
            }
        }
        if (from && to && text) all.push_back({line_of(key, *text), *from, *to});
    }
    return all;
}

std::vector<CaseExit> parse_expected_exits(const YamlNode& node, YamlFields& fields, Scope& scope) {
    std::vector<CaseExit> all;
    if (!fields.is_map(node, "'exit'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        const CaseProgram* program = scope.program(key);
        const std::optional<CaseText> text = fields.text(entry.value, "how a program ends");
        if (!text) continue;
        auto outcome = parse_choice(*text, fields.diagnostics(), [&](const CaseText& part) {
            return parse_exit_outcome(part, fields.diagnostics());
        });
        if (program != nullptr) all.push_back({line_of(key, *text), program->name, std::move(outcome)});
    }
    return all;
}

}  // namespace tcpwitness
