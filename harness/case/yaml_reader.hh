// YAML as a tree of nodes that know where they stand. The only user of yaml-cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.hh"
#include "case/case_text.hh"

namespace tcpwitness {

struct YamlEntry;

struct YamlNode {
    enum class Kind : uint8_t { null, scalar, sequence, map };
    Kind kind = Kind::null;
    SourcePosition position;         // of its first character
    CaseText text;                   // of a scalar; null: empty
    bool quoted = false;             // a scalar in quotes, or a block: never a number or null
    std::vector<YamlNode> items;     // of a sequence
    std::vector<YamlEntry> entries;  // of a map, in the order of the file

    bool is_scalar() const { return kind == Kind::scalar; }
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_map() const { return kind == Kind::map; }
    // The value of a key of a map, or null.
    const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
    YamlNode key;  // a scalar
    YamlNode value;
};

// "a list", "a map", "a text", "nothing".
std::string_view to_string(YamlNode::Kind kind);

// Limits that keep broken files from costing much. A case file has some hundred values and is five levels deep.
constexpr size_t kLargestCaseFile = 1 << 20;  // bytes
constexpr int kDeepestYaml = 32;              // levels
constexpr size_t kMostYamlNodes = 20'000;     // after aliases are replaced by what they stand for

// Reads one YAML document. Mistakes (bytes that are no text, bad YAML, keys given twice, more than one document, more
// than the limits) go to `diagnostics`; nothing is returned when there is no tree to go on with.
std::optional<YamlNode> read_yaml(std::string_view content, const std::string& file, Diagnostics& diagnostics);

}  // namespace tcpwitness
