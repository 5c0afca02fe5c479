// Reading a map's keys: every key is either known or a mistake, every value has the kind that its key wants.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "case/case_text.hh"
#include "case/variables.hh"
#include "case/yaml_reader.hh"

namespace tcpwitness {

// Texts of one row of a case: variables are replaced as they are read.
class YamlFields {
  public:
    YamlFields(RowVariables& variables, Diagnostics& diagnostics) : variables_(variables), diagnostics_(diagnostics) {}

    Diagnostics& diagnostics() { return diagnostics_; }
    RowVariables& variables() { return variables_; }

    // A scalar's text, variables replaced; a mistake when `node` is none. `what` names it: "a step".
    std::optional<CaseText> text(const YamlNode& node, std::string_view what);
    // A list of texts; a single text counts as a list of one.
    std::vector<CaseText> texts(const YamlNode& node, std::string_view what);
    std::vector<std::string> strings(const YamlNode& node, std::string_view what);
    std::optional<int64_t> integer(const YamlNode& node, std::string_view what, int64_t least, int64_t most);
    // A key's text, variables replaced.
    CaseText key(const YamlEntry& entry) {
        return variables_.replace(entry.key.text, diagnostics_).value_or(entry.key.text);
    }

    // Whether `node` is a map (or, below, a list); a mistake when not.
    bool is_map(const YamlNode& node, std::string_view what);
    bool is_list(const YamlNode& node, std::string_view what);
    // Every key of the map must be one of `known`.
    void check_keys(const YamlNode& map, const std::vector<std::string>& known);

  private:
    bool wrong_kind(const YamlNode& node, std::string_view what, std::string_view wanted);

    RowVariables& variables_;
    Diagnostics& diagnostics_;
};

}  // namespace tcpwitness
