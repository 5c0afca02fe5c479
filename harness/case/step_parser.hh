// Steps: one entry of the list `steps`, or of a list under `common`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "case/case.hh"
#include "case/scope.hh"
#include "case/yaml_fields.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {

// Lists of steps by name, from `common` of the case and of the files that it includes.
using CommonSteps = std::map<std::string, const YamlNode*>;

// Reads a list of steps; "- include: NAME" is replaced by the steps of that name, which keep their own positions.
std::vector<CaseStep> parse_steps(const YamlNode& list, const CommonSteps& common, YamlFields& fields, Scope& scope);

// Names that a program cannot have, for they begin other kinds of steps.
std::vector<std::string> step_keywords();

}  // namespace tcpwitness
