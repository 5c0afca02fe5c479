// The JSON form of a segment. Compact, because a Timeline has thousands: what is zero or absent is left out.
#include <algorithm>

#include "base/error.hh"
#include "base/json.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {
namespace {

void put_options(const TcpOptions& options, nlohmann::json& json) {
    if (options.mss) json["mss"] = *options.mss;
    if (options.window_scale) json["wscale"] = *options.window_scale;
    if (options.sack_permitted) json["sack_permitted"] = true;
    for (const SackBlock& block : options.sack) json["sack"].push_back({block.left, block.right});
    if (options.timestamps) json["ts"] = {options.timestamps->value, options.timestamps->echo};
    if (options.fast_open_cookie) json["fast_open"] = *options.fast_open_cookie;
    if (!options.unknown_kinds.empty()) json["unknown"] = options.unknown_kinds;
}

template <typename Number>
void take(const nlohmann::json& json, const char* key, std::optional<Number>& number) {
    if (json.contains(key)) number = json.at(key).get<Number>();
}

TcpOptions take_options(const nlohmann::json& json) {
    TcpOptions options;
    take(json, "mss", options.mss);
    take(json, "wscale", options.window_scale);
    options.sack_permitted = json.value("sack_permitted", false);
    if (json.contains("sack")) {
        for (const auto& block : json.at("sack")) {
            options.sack.push_back({block.at(0).get<uint32_t>(), block.at(1).get<uint32_t>()});
        }
    }
    if (json.contains("ts")) {
        options.timestamps = TcpTimestamps{json.at("ts").at(0).get<uint32_t>(), json.at("ts").at(1).get<uint32_t>()};
    }
    take(json, "fast_open", options.fast_open_cookie);
    options.unknown_kinds = json.value("unknown", std::vector<uint8_t>{});
    return options;
}

// The table once, because a Timeline of 10 000 segments asks it 10 000 times.
uint8_t flags_from_string(const std::string& text) {
    static const std::vector<std::string> kAll = [] {
        std::vector<std::string> names;
        for (int flags = 0; flags < 256; ++flags) names.push_back(flags_to_string(static_cast<uint8_t>(flags)));
        return names;
    }();
    const auto found = std::find(kAll.begin(), kAll.end(), text);
    if (found == kAll.end()) throw Error("no TCP flags are called '" + text + "'");
    return static_cast<uint8_t>(found - kAll.begin());
}

}  // namespace

void to_json(nlohmann::json& json, const TcpSegment& segment) {
    json = {{"source", segment.source},
            {"destination", segment.destination},
            {"seq", segment.sequence},
            {"ack", segment.acknowledgment},
            {"flags", flags_to_string(segment.flags)},
            {"window", segment.window},
            {"ttl", segment.ttl},
            {"hash", segment.payload_hash},
            {"raw", base64_encode(segment.raw)}};
    if (segment.payload_length != 0) json["len"] = segment.payload_length;
    if (segment.urgent_pointer != 0) json["urgent"] = segment.urgent_pointer;
    if (segment.traffic_class != 0) json["tos"] = segment.traffic_class;
    if (segment.ip_id != 0) json["id"] = segment.ip_id;
    if (segment.checksum_checked) json["checksum"] = segment.checksum_good ? "good" : "bad";
    nlohmann::json options = nlohmann::json::object();
    put_options(segment.options, options);
    if (!options.empty()) json["options"] = std::move(options);
}

void from_json(const nlohmann::json& json, TcpSegment& segment) {
    segment = TcpSegment{};
    json.at("source").get_to(segment.source);
    json.at("destination").get_to(segment.destination);
    json.at("seq").get_to(segment.sequence);
    json.at("ack").get_to(segment.acknowledgment);
    segment.flags = flags_from_string(json.at("flags").get<std::string>());
    json.at("window").get_to(segment.window);
    json.at("ttl").get_to(segment.ttl);
    json.at("hash").get_to(segment.payload_hash);
    segment.raw = base64_decode(json.at("raw").get<std::string>());
    segment.payload_length = json.value("len", uint32_t{0});
    segment.urgent_pointer = json.value("urgent", uint16_t{0});
    segment.traffic_class = json.value("tos", uint8_t{0});
    segment.ip_id = json.value("id", uint16_t{0});
    segment.checksum_checked = json.contains("checksum");
    segment.checksum_good = json.value("checksum", "good") != std::string("bad");
    if (json.contains("options")) segment.options = take_options(json.at("options"));
}

}  // namespace tcpwitness
