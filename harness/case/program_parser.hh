// `programs` and `hosts`: who runs where, with which files and settings.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "case/case.hh"
#include "case/yaml_fields.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {

// The programs of a case: client and server, which need no declaration, and those under `programs` (may be null).
// Files are read relative to the folder of `case_file`; one that is missing is a mistake.
std::vector<CaseProgram> parse_programs(const YamlNode* node, const std::string& case_file, bool direct,
                                        YamlFields& fields);

// The settings under `hosts` (may be null).
std::vector<CaseSysctl> parse_hosts(const YamlNode* node, bool direct, YamlFields& fields);

}  // namespace tcpwitness
