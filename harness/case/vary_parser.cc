#include "case/vary_parser.hh"

#include <fmt/core.h>

#include <algorithm>

#include "case/when_parser.hh"

namespace tcpwitness {
namespace {

bool is_column_name(const std::string& name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

bool check_column(const YamlNode& key, Diagnostics& diagnostics) {
    if (is_column_name(key.text.text())) return true;
    diagnostics.add(key.position, fmt::format("'{}' cannot be the name of a variable", key.text.text()),
                    "write letters, digits and '_'");
    return false;
}

bool check_value(const YamlNode& value, Diagnostics& diagnostics) {
    if (value.is_scalar()) return true;
    diagnostics.add(value.position, fmt::format("a column's value must be a text, not {}", to_string(value.kind)));
    return false;
}

VaryRow parse_row(const YamlNode& map, Diagnostics& diagnostics) {
    VaryRow row{.position = map.position};
    for (const YamlEntry& entry : map.entries) {
        const std::string& name = entry.key.text.text();
        if (!check_column(entry.key, diagnostics) || !check_value(entry.value, diagnostics)) continue;
        if (name == "when") {
            row.when = parse_when(entry.value.text, diagnostics);
        } else if (name == "name") {
            row.name = entry.value.text.text();
        } else {
            row.columns.emplace_back(name, entry.value.text.text());
        }
    }
    return row;
}

// All rows must have the same columns, or a variable would be missing in some.
void check_same_columns(const std::vector<VaryRow>& rows, Diagnostics& diagnostics) {
    for (const VaryRow& row : rows) {
        const std::map<std::string, std::string> here = row.values();
        for (const auto& [name, value] : rows.front().columns) {
            if (here.count(name) == 0)
                diagnostics.add(row.position, fmt::format("this row has no column '{}'", name), "the first row has it");
        }
        for (const auto& [name, value] : row.columns) {
            if (rows.front().values().count(name) == 0) {
                diagnostics.add(row.position, fmt::format("the column '{}' is not in the first row", name));
            }
        }
    }
}

std::vector<VaryRow> parse_rows(const YamlNode& list, Diagnostics& diagnostics) {
    std::vector<VaryRow> rows;
    for (const YamlNode& item : list.items) {
        if (item.is_map()) {
            rows.push_back(parse_row(item, diagnostics));
        } else {
            diagnostics.add(item.position, fmt::format("a row must be a map, not {}", to_string(item.kind)),
                            "write - {old: 0, new: 1}");
        }
    }
    if (rows.size() > kMostRows) {
        diagnostics.add(list.position, fmt::format("'vary' has {} rows; {} are the most", rows.size(), kMostRows));
        rows.clear();
    }
    if (!rows.empty()) check_same_columns(rows, diagnostics);
    return rows;
}

// Every value of `column` with every row so far.
std::vector<VaryRow> combined(const std::vector<VaryRow>& rows, const YamlEntry& column, Diagnostics& diagnostics) {
    std::vector<VaryRow> result;
    if (!check_column(column.key, diagnostics)) return rows;
    const std::vector<YamlNode> values = column.value.is_sequence() ? column.value.items : std::vector{column.value};
    for (const VaryRow& row : rows) {
        for (const YamlNode& value : values) {
            if (!check_value(value, diagnostics)) continue;
            VaryRow& longer = result.emplace_back(row);
            longer.columns.emplace_back(column.key.text.text(), value.text.text());
        }
    }
    return result;
}

std::vector<VaryRow> parse_combinations(const YamlNode& map, Diagnostics& diagnostics) {
    std::vector<VaryRow> rows{{.position = map.position}};
    for (const YamlEntry& column : map.entries) {
        const size_t values = column.value.is_sequence() ? column.value.items.size() : 1;
        if (values == 0) {
            diagnostics.add(column.value.position,
                            fmt::format("the column '{}' has no values", column.key.text.text()));
            continue;
        }
        if (rows.size() * values > kMostRows) {
            diagnostics.add(map.position, fmt::format("'vary' has more than {} combinations", kMostRows));
            return {};
        }
        rows = combined(rows, column, diagnostics);
    }
    return rows;
}

}  // namespace

std::vector<VaryRow> parse_vary(const YamlNode* node, Diagnostics& diagnostics) {
    if (node == nullptr) return {{}};
    std::vector<VaryRow> rows;
    if (node->is_sequence()) {
        rows = parse_rows(*node, diagnostics);
    } else if (node->is_map()) {
        rows = parse_combinations(*node, diagnostics);
    } else {
        diagnostics.add(node->position,
                        fmt::format("'vary' must be a list of rows or a map of lists, not {}", to_string(node->kind)));
    }
    if (rows.empty() && node->items.empty() && node->entries.empty())
        diagnostics.add(node->position, "'vary' has no rows");
    return rows;
}

std::map<std::string, SourcePosition> column_positions(const YamlNode* node) {
    std::map<std::string, SourcePosition> positions;
    if (node == nullptr) return positions;
    const auto add_keys = [&](const YamlNode& map) {
        for (const YamlEntry& entry : map.entries) positions.emplace(entry.key.text.text(), entry.key.position);
    };
    add_keys(*node);
    for (const YamlNode& item : node->items) add_keys(item);
    if (node->is_sequence()) {  // in rows these two are no columns
        positions.erase("when");
        positions.erase("name");
    }
    return positions;
}

}  // namespace tcpwitness
