#include "record/record.hh"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "tcpwitness record";
constexpr int kVersion = 1;

Json parse_whole(std::string_view text, const std::string& name) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) throw Error(name + ": the file is empty");
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        // The parser stands behind the last byte exactly when it wanted more of them.
        if (error.byte >= text.size() && text.find_first_not_of(" \t\r\n") == text.find('{')) {
            throw Error(fmt::format("{}: the record is cut off after {} bytes", name, text.size()));
        }
        throw Error(fmt::format("{}: not a tcpwitness record (no JSON from byte {} on)", name, error.byte));
    }
}

void check_format(const Json& json, const std::string& name) {
    const bool ours = json.is_object() && json.contains("format") && json["format"] == kFormat;
    if (!ours) throw Error(name + ": not a tcpwitness record");
    const Json version = json.value("version", Json());
    if (version != kVersion) {
        throw Error(fmt::format("{}: a record of format version {}; this tcpwitness reads version {}", name,
                                version.dump(), kVersion));
    }
}

// Reads one part; whatever is wrong in it is said with the name of the part.
template <typename Read>
auto read_part(const Json& json, std::string_view part, const std::string& name, Read read) {
    try {
        return read(json.at(std::string(part)));
    } catch (const std::exception& error) {
        throw Error(fmt::format("{}: damaged record, its {} cannot be read: {}", name, part, error.what()));
    }
}

}  // namespace

std::string_view tool_version() {
    return TCPWITNESS_VERSION;
}

std::string place_of(const Plan& plan) {
    const size_t at = plan.id.rfind('@');
    if (at == std::string::npos || plan.id.find_first_of("]/", at) != std::string::npos) return {};
    return plan.id.substr(at + 1, plan.id.find('#', at) - at - 1);
}

std::string display_name(const Plan& plan) {
    const std::string place = place_of(plan);
    const std::string path = plan.id.substr(0, std::min(plan.id.find('['), place.empty() ? plan.id.size() : plan.id.rfind('@')));
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    std::string name = folder + (plan.title.empty() ? path.substr(folder.size()) : plan.title);
    if (!plan.variant.empty()) name += " [" + plan.variant + "]";
    return place.empty() ? name : name + " on " + place;
}

std::string record_to_json(const Record& record) {
    const auto text = [](const std::string& string) {
        return Json(string).dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    // The parts are JSON already: joining their text spares a second tree of a Timeline with thousands of segments.
    return fmt::format(
        "{{\"format\": {}, \"version\": {},\n\"tool\": {},\n\"where\": {},\n\"repeat\": {},\n\"wall\": "
        "{},\n\"console\": {},\n"
        "\"verdict\": {},\n\"plan\": {},\n\"timeline\": {}}}\n",
        text(std::string(kFormat)), kVersion,
        text(record.version.empty() ? std::string(tool_version()) : record.version), text(record.where),
        text(record.repeat_command), record.wall.count(), text(record.console), verdict_to_json(record.verdict),
        plan_to_json(record.plan), timeline_to_json(record.timeline));
}

Record record_from_json(std::string_view text, const std::string& name) {
    const Json json = parse_whole(text, name);
    check_format(json, name);
    const auto string = [](const Json& part) { return part.get<std::string>(); };
    Record record;
    record.version = read_part(json, "tool", name, string);
    record.where = read_part(json, "where", name, string);
    record.repeat_command = read_part(json, "repeat", name, string);
    record.wall = read_part(json, "wall", name, [](const Json& part) { return Duration(part.get<Duration::rep>()); });
    record.console = read_part(json, "console", name, string);
    record.verdict = read_part(json, "verdict", name, [](const Json& part) { return verdict_from_json(part.dump()); });
    record.plan = read_part(json, "plan", name, [](const Json& part) { return plan_from_json(part.dump()); });
    record.timeline =
        read_part(json, "timeline", name, [](const Json& part) { return timeline_from_json(part.dump()); });
    return record;
}

}  // namespace tcpwitness
