// `vary`: rows (a list of maps), or every combination (a map of lists). One run for each row.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "case/case.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {

struct VaryRow {
    SourcePosition position;
    std::vector<std::pair<std::string, std::string>> columns;  // name and value, in the order written
    std::string name;                                          // the row's `name`; may be empty
    std::optional<When> when;

    std::map<std::string, std::string> values() const { return {columns.begin(), columns.end()}; }
};

constexpr size_t kMostRows = 1000;

// The rows; a single row without columns when `node` is null.
std::vector<VaryRow> parse_vary(const YamlNode* node, Diagnostics& diagnostics);

// Where a column's name stands first in the file.
std::map<std::string, SourcePosition> column_positions(const YamlNode* node);

}  // namespace tcpwitness
