// Expectations about segments: `wire` and `spacing`.
#include <fmt/core.h>

#include "case/expect_parser.hh"
#include "case/text_scanner.hh"
#include "case/value_parser.hh"
#include "case/when_parser.hh"
#include "case/wire_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kGap = "...";

std::optional<CaseWire> parse_gap(const YamlNode& item, YamlFields& fields) {
    const std::optional<CaseText> text = fields.text(item, "a segment");
    if (!text) return std::nullopt;
    if (text->text() != kGap) {
        fields.diagnostics().add(text->at(0), fmt::format("'{}' is not a segment", text->text()),
                                 "write '- client > server: SYN seq=p', or '- ...' for any number of segments");
        return std::nullopt;
    }
    return CaseWire{text->line(), {{CaseSegment{.gap = true}, std::nullopt}}};
}

std::optional<CaseWire> parse_pattern(const YamlNode& item, std::set<std::string>& known, YamlFields& fields) {
    if (item.entries.size() != 1) {
        fields.diagnostics().add(item.position, "a segment has one direction", "begin a new segment with '- '");
        return std::nullopt;
    }
    const CaseText key = fields.key(item.entries[0]);
    const auto ends = parse_direction(key, fields.diagnostics());
    const std::optional<CaseText> text = fields.text(item.entries[0].value, "a segment");
    if (!text) return std::nullopt;
    CaseWire wire{.source = {key.at(0), fmt::format("{}: {}", key.text(), text->text())}};
    wire.segment = parse_choice(*text, fields.diagnostics(), [&](const CaseText& part) {
        return parse_segment_pattern(part, known, fields.diagnostics());
    });
    if (!ends) return std::nullopt;
    for (Alternative<CaseSegment>& each : wire.segment) std::tie(each.wanted.from, each.wanted.to) = *ends;
    return wire;
}

// The parts of "client > server SYN": the direction and the flags.
std::pair<CaseText, CaseText> split_direction(const CaseText& text) {
    const size_t arrow = text.text().find('>');
    const size_t to = text.text().find_first_not_of(' ', arrow == std::string::npos ? arrow : arrow + 1);
    const size_t end = to == std::string::npos ? to : text.text().find(' ', to);
    return {text.part(0, end), end == std::string::npos ? text.part(text.text().size()) : text.part(end)};
}

bool read_tolerance(const CaseText& text, CaseGaps& gaps, Diagnostics& diagnostics) {
    const std::optional<double> tolerance = parse_percent(text.text());
    if (tolerance) gaps.tolerance = *tolerance;
    if (!tolerance) diagnostics.add(text.at(0), fmt::format("'{}' is not a tolerance", text.text()), "write '10%'");
    return tolerance.has_value();
}

// "1s, 2s, 4s, ... +-10%"
std::optional<CaseGaps> parse_gaps(const CaseText& text, Diagnostics& diagnostics) {
    CaseGaps gaps;
    bool good = true;
    const size_t tolerance_at = text.text().find("+-");
    if (tolerance_at != std::string::npos) good = read_tolerance(text.part(tolerance_at), gaps, diagnostics);
    for (const CaseText& part : split_text(text.part(0, tolerance_at), ",")) {
        if (gaps.more) {
            diagnostics.add(part.at(0), "nothing can follow '...' here");
            return std::nullopt;
        }
        gaps.more = part.text() == kGap;
        if (gaps.more) continue;
        const std::optional<Duration> gap = parse_duration(part.text());
        if (gap) gaps.gaps.push_back(*gap);
        if (!gap) diagnostics.add(part.at(0), fmt::format("'{}' is not a duration", part.text()), "write '1s, 2s, 4s'");
        good = good && gap;
    }
    if (!good) return std::nullopt;
    return gaps;
}

// {gaps: "1s, 2s" or [1s, 2s], tolerance: 10%}
Choice<CaseGaps> parse_gaps_map(const YamlNode& map, YamlFields& fields) {
    fields.check_keys(map, {"gaps", "tolerance"});
    CaseGaps gaps;
    bool good = map.find("gaps") != nullptr;
    if (!good)
        fields.diagnostics().add(map.position, "'gaps' is missing", "write {gaps: [1s, 2s, 4s], tolerance: 10%}");
    if (const YamlNode* node = map.find("gaps")) {
        for (const CaseText& text : fields.texts(*node, "'gaps'")) {
            const std::optional<CaseGaps> part = parse_gaps(text, fields.diagnostics());
            good = good && part;
            if (!part) continue;
            gaps.gaps.insert(gaps.gaps.end(), part->gaps.begin(), part->gaps.end());
            gaps.more = part->more;
            if (part->tolerance != CaseGaps{}.tolerance) gaps.tolerance = part->tolerance;
        }
    }
    if (const YamlNode* node = map.find("tolerance")) {
        const std::optional<CaseText> text = fields.text(*node, "'tolerance'");
        good = text && read_tolerance(*text, gaps, fields.diagnostics()) && good;
    }
    if (!good) return {};
    return {{gaps, std::nullopt}};
}

}  // namespace

std::vector<CaseWire> parse_expected_wire(const YamlNode& node, YamlFields& fields, Scope& /*scope*/) {
    std::vector<CaseWire> all;
    if (!fields.is_list(node, "'wire'")) return all;
    std::set<std::string> known;
    for (const YamlNode& item : node.items) {
        std::optional<CaseWire> wire = item.is_map() ? parse_pattern(item, known, fields) : parse_gap(item, fields);
        if (wire) all.push_back(std::move(*wire));
    }
    return all;
}

std::vector<CaseSpacing> parse_expected_spacing(const YamlNode& node, YamlFields& fields, Scope& /*scope*/) {
    std::vector<CaseSpacing> all;
    if (!fields.is_map(node, "'spacing'")) return all;
    for (const YamlEntry& entry : node.entries) {
        const CaseText key = fields.key(entry);
        const auto [direction, flags_text] = split_direction(key);
        const auto ends = parse_direction(direction, fields.diagnostics());
        const std::optional<uint8_t> flags = parse_flags(flags_text, fields.diagnostics());
        CaseSpacing spacing{.source = {key.at(0), key.text()}};
        if (entry.value.is_map()) {
            spacing.gaps = parse_gaps_map(entry.value, fields);
        } else if (entry.value.is_sequence()) {
            for (const CaseText& text : fields.texts(entry.value, "'spacing'")) {
                const std::optional<CaseGaps> part = parse_gaps(text, fields.diagnostics());
                if (spacing.gaps.empty()) spacing.gaps.push_back({CaseGaps{}, std::nullopt});
                CaseGaps& gaps = spacing.gaps[0].wanted;
                if (part) gaps.gaps.insert(gaps.gaps.end(), part->gaps.begin(), part->gaps.end());
                if (part) gaps.more = part->more;
            }
        } else if (const std::optional<CaseText> text = fields.text(entry.value, "'spacing'")) {
            spacing.source.text += ": " + text->text();
            spacing.gaps = parse_choice(*text, fields.diagnostics(),
                                        [&](const CaseText& part) { return parse_gaps(part, fields.diagnostics()); });
        }
        if (!ends || !flags) continue;
        std::tie(spacing.from, spacing.to) = *ends;
        spacing.flags = *flags;
        all.push_back(std::move(spacing));
    }
    return all;
}

}  // namespace tcpwitness
