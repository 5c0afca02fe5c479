// The `expect` part of a case: a map of kinds of expectation, or a list of such maps, each with a `when` of its own.
#pragma once

#include <vector>

#include "case/case.hh"
#include "case/scope.hh"
#include "case/yaml_fields.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {

std::vector<CaseExpectations> parse_expectations(const YamlNode& node, YamlFields& fields, Scope& scope);

// The parts, each in a file of its own with what it needs.
std::vector<CaseStates> parse_expected_states(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseWire> parse_expected_wire(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseTimeWait> parse_expected_time_wait(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseSockets> parse_expected_sockets(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseCounter> parse_expected_counters(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseSpacing> parse_expected_spacing(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseData> parse_expected_data(const YamlNode& node, YamlFields& fields, Scope& scope);
std::vector<CaseExit> parse_expected_exits(const YamlNode& node, YamlFields& fields, Scope& scope);

}  // namespace tcpwitness
