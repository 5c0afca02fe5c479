#include "case/yaml_fields.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/comparison.hh"
#include "case/text_scanner.hh"

namespace tcpwitness {

std::optional<CaseText> YamlFields::text(const YamlNode& node, std::string_view what) {
    if (!node.is_scalar()) {
        wrong_kind(node, what, "a text");
        return std::nullopt;
    }
    return variables_.replace(node.text.part(0), diagnostics_);
}

std::vector<CaseText> YamlFields::texts(const YamlNode& node, std::string_view what) {
    std::vector<CaseText> all;
    if (node.is_map() || node.kind == YamlNode::Kind::null) {
        wrong_kind(node, what, "a list");
    } else if (node.is_scalar()) {
        std::optional<CaseText> only = text(node, what);
        if (only) all.push_back(std::move(*only));
    }
    for (const YamlNode& item : node.items) {
        std::optional<CaseText> each = text(item, what);
        if (each) all.push_back(std::move(*each));
    }
    return all;
}

std::vector<std::string> YamlFields::strings(const YamlNode& node, std::string_view what) {
    std::vector<std::string> all;
    for (const CaseText& each : texts(node, what)) all.push_back(each.text());
    return all;
}

std::optional<int64_t> YamlFields::integer(const YamlNode& node, std::string_view what, int64_t least, int64_t most) {
    const std::optional<CaseText> source = text(node, what);
    if (!source) return std::nullopt;
    const std::optional<int64_t> number = parse_integer(source->text());
    if (number && least <= *number && *number <= most) return number;
    diagnostics_.add(source->at(0),
                     fmt::format("{} is not a number from {} to {}: '{}'", what, least, most, source->text()));
    return std::nullopt;
}

bool YamlFields::is_map(const YamlNode& node, std::string_view what) {
    return node.is_map() || wrong_kind(node, what, "a map");
}

bool YamlFields::is_list(const YamlNode& node, std::string_view what) {
    return node.is_sequence() || wrong_kind(node, what, "a list");
}

void YamlFields::check_keys(const YamlNode& map, const std::vector<std::string>& known) {
    for (const YamlEntry& entry : map.entries) {
        const std::string& name = entry.key.text.text();
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        add_unknown(diagnostics_, entry.key.position, "key", name, known);
    }
}

bool YamlFields::wrong_kind(const YamlNode& node, std::string_view what, std::string_view wanted) {
    diagnostics_.add(node.position, fmt::format("{} must be {}, not {}", what, wanted, to_string(node.kind)));
    return false;
}

}  // namespace tcpwitness
