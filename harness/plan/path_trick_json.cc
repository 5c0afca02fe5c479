#include "plan/path_trick_json.hh"

#include <array>

#include "base/json.hh"

namespace tcpwitness {
namespace {

template <typename Enum, size_t kCount>
void read_name(const nlohmann::json& json, const std::array<std::string_view, kCount>& names, Enum& value) {
    const std::string name = json.get<std::string>();
    for (size_t i = 0; i < kCount; ++i) {
        if (names[i] != name) continue;
        value = static_cast<Enum>(i);
        return;
    }
    throw Error("unknown name '" + name + "' in the JSON of a trick of path");
}

constexpr std::array<std::string_view, 6> kFaults{"drop", "delay", "duplicate", "reorder", "corrupt", "hold"};
constexpr std::array<std::string_view, 3> kSendings{"any", "first", "again"};
constexpr std::array<std::string_view, 3> kWays{"client > server", "server > client", "both"};

}  // namespace

void to_json(nlohmann::json& json, Way way) {
    json = std::string(to_string(way));
}

void from_json(const nlohmann::json& json, Way& way) {
    read_name(json, kWays, way);
}

void to_json(nlohmann::json& json, FaultKind fault) {
    json = std::string(to_string(fault));
}

void from_json(const nlohmann::json& json, FaultKind& fault) {
    read_name(json, kFaults, fault);
}

void to_json(nlohmann::json& json, SegmentSelector::Sending sending) {
    json = std::string(kSendings.at(static_cast<size_t>(sending)));
}

void from_json(const nlohmann::json& json, SegmentSelector::Sending& sending) {
    read_name(json, kSendings, sending);
}

TCPWITNESS_JSON(NumberTest, relation, number)
TCPWITNESS_JSON(SegmentSelector, way, flags_text, flags_set, flags_clear, payload_length, sequence, acknowledgment,
                port, family, sending, nth, count)
TCPWITNESS_JSON(FaultTrick, fault, selector, by, copies, behind, bit, name)
TCPWITNESS_JSON(ReleaseTrick, name, reversed)
TCPWITNESS_JSON(BlackholeTrick, way, on)
TCPWITNESS_JSON(ForgedOptions, mss, window_scale, sack_permitted, sack, timestamps, timestamp, timestamp_echo)
TCPWITNESS_JSON(InjectTrick, way, flags, about, source_port, destination_port, sequence, acknowledgment, window, length,
                payload, urgent_pointer, ttl, bad_checksum, options)
TCPWITNESS_JSON(IcmpTrick, way, error, about, mtu, sequence)
TCPWITNESS_JSON(ReplayTrick, selector, latest)
TCPWITNESS_JSON(LinkTrick, host, up)
TCPWITNESS_JSON(MtuTrick, host, mtu, path_only)
TCPWITNESS_JSON(MoveTrick, host, address, port)
TCPWITNESS_JSON(NetemTrick, way, on, parameters)
TCPWITNESS_JSON(QueueTrick, place, discipline, parameters)

}  // namespace tcpwitness
