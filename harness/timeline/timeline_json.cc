// The JSON form of a Timeline: the same Timeline gives the same bytes, and each socket and event has a line of its own,
// so that two recorded runs can be compared with diff.
#include <array>
#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {
namespace {

template <typename Enum, size_t kSize>
using Names = std::array<std::pair<Enum, const char*>, kSize>;

constexpr Names<Source, 4> kSources{{{Source::tracepoint, "tracepoint"},
                                     {Source::timer, "timer"},
                                     {Source::sock_diag, "sock_diag"},
                                     {Source::inferred, "inferred"}}};
constexpr Names<StepOutcome, 5> kOutcomes{{{StepOutcome::done, "done"},
                                           {StepOutcome::timed_out, "timed_out"},
                                           {StepOutcome::refused, "refused"},
                                           {StepOutcome::unsupported, "unsupported"},
                                           {StepOutcome::broken, "broken"}}};
constexpr Names<Direction, 2> kDirections{{{Direction::sent, "sent"}, {Direction::arrived, "arrived"}}};

template <typename Enum, size_t kSize>
void put_name(nlohmann::json& json, Enum value, const Names<Enum, kSize>& names) {
    for (const auto& [candidate, name] : names) {
        if (candidate == value) json = name;
    }
}

template <typename Enum, size_t kSize>
void take_name(const nlohmann::json& json, Enum& value, const Names<Enum, kSize>& names) {
    const auto text = json.get<std::string>();
    for (const auto& [candidate, name] : names) {
        if (text == name) {
            value = candidate;
            return;
        }
    }
    throw Error("unknown word '" + text + "' in the JSON of a Timeline");
}

bool is_utf8(const std::string& text) {
    try {
        const std::string dumped = nlohmann::json(text).dump();
        return !dumped.empty();
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

}  // namespace

void to_json(nlohmann::json& json, Source source) {
    put_name(json, source, kSources);
}
void from_json(const nlohmann::json& json, Source& source) {
    take_name(json, source, kSources);
}
void to_json(nlohmann::json& json, StepOutcome outcome) {
    put_name(json, outcome, kOutcomes);
}
void from_json(const nlohmann::json& json, StepOutcome& outcome) {
    take_name(json, outcome, kOutcomes);
}
void to_json(nlohmann::json& json, Direction direction) {
    put_name(json, direction, kDirections);
}
void from_json(const nlohmann::json& json, Direction& direction) {
    take_name(json, direction, kDirections);
}

TCPWITNESS_JSON(Socket, index, host, program, name, local, remote)
TCPWITNESS_JSON(StepBegan, step)
TCPWITNESS_JSON(StepEnded, step, outcome, observed)
TCPWITNESS_JSON(Call, step, program, text, ended, result, error_number, output)
TCPWITNESS_JSON(StateChange, socket, from, to, source, cause)
TCPWITNESS_JSON(TimeWaitRestart, socket, source)
TCPWITNESS_JSON(SegmentSeen, host, interface, direction, segment)
TCPWITNESS_JSON(FaultFired, step, action, packets, segment, became)
TCPWITNESS_JSON(ProgramStarted, program, step, command)
TCPWITNESS_JSON(ProgramExited, program, exit_status, signal, by_harness)
TCPWITNESS_JSON(RecordsLost, observer, count)
TCPWITNESS_JSON(SocketLeft, host, state, local, remote, timer, program)
TCPWITNESS_JSON(DataFlow, host, program, socket, bytes_received, bytes_sent, first_wrong_byte)
TCPWITNESS_JSON(Observed, kernel, observers, exact_states, exact_time_wait)

void to_json(nlohmann::json& json, const StoryEnded&) {
    json = nlohmann::json::object();
}

void from_json(const nlohmann::json&, StoryEnded&) {}

void to_json(nlohmann::json& json, const PacketSeen& packet) {
    json = {{"host", packet.host},
            {"interface", packet.interface},
            {"direction", packet.direction},
            {"summary", packet.summary},
            {"raw", base64_encode(packet.raw)}};
}

void from_json(const nlohmann::json& json, PacketSeen& packet) {
    json.at("host").get_to(packet.host);
    json.at("interface").get_to(packet.interface);
    json.at("direction").get_to(packet.direction);
    json.at("summary").get_to(packet.summary);
    packet.raw = base64_decode(json.at("raw").get<std::string>());
}

// A program may write any bytes; those that are no UTF-8 cannot stand in JSON as text.
void to_json(nlohmann::json& json, const ProgramOutput& output) {
    json = {{"program", output.program}, {"standard_error", output.standard_error}};
    if (is_utf8(output.text)) {
        json["text"] = output.text;
    } else {
        json["base64"] = base64_encode(output.text);
    }
}

void from_json(const nlohmann::json& json, ProgramOutput& output) {
    json.at("program").get_to(output.program);
    json.at("standard_error").get_to(output.standard_error);
    output.text = json.contains("base64") ? base64_decode(json.at("base64").get<std::string>())
                                          : json.at("text").get<std::string>();
}

void to_json(nlohmann::json& json, const Event& event) {
    json = event.body;
    json["at"] = event.at;
}

void from_json(const nlohmann::json& json, Event& event) {
    json.at("at").get_to(event.at);
    json.get_to(event.body);
}

namespace {

// Text that is no UTF-8 in any other place (an error message in a foreign locale) gets U+FFFD instead of failing the
// run.
std::string line_of(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename Item>
void put_member(std::string& text, const char* key, const Item& item) {
    text += "\"" + std::string(key) + "\": " + line_of(nlohmann::json(item)) + ",\n";
}

template <typename Item>
void put_list(std::string& text, const char* key, const std::vector<Item>& items) {
    text += "\"" + std::string(key) + "\": [";
    const char* separator = "\n";
    for (const Item& item : items) {
        text += separator + line_of(nlohmann::json(item));
        separator = ",\n";
    }
    text += "],\n";
}

Timeline read_timeline(const nlohmann::json& json) {
    Timeline timeline;
    json.at("observed").get_to(timeline.observed);
    json.at("addresses").get_to(timeline.addresses);
    json.at("sockets").get_to(timeline.sockets);
    json.at("events").get_to(timeline.events);
    json.at("sockets_left").get_to(timeline.sockets_left);
    json.at("counters").get_to(timeline.counters);
    json.at("data").get_to(timeline.data);
    json.at("error").get_to(timeline.error);
    json.at("unsupported").get_to(timeline.unsupported);
    json.at("complete").get_to(timeline.complete);
    return timeline;
}

}  // namespace

std::string timeline_to_json(const Timeline& timeline) {
    std::string text = "{\n";
    put_member(text, "observed", timeline.observed);
    put_member(text, "addresses", timeline.addresses);
    put_list(text, "sockets", timeline.sockets);
    put_list(text, "events", timeline.events);
    put_list(text, "sockets_left", timeline.sockets_left);
    put_member(text, "counters", timeline.counters);
    put_list(text, "data", timeline.data);
    put_member(text, "error", timeline.error);
    put_member(text, "unsupported", timeline.unsupported);
    text += "\"complete\": " + line_of(timeline.complete) + "\n}\n";
    return text;
}

Timeline timeline_from_json(const std::string& text) {
    try {
        return read_timeline(nlohmann::json::parse(text));
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not the JSON of a Timeline: ") + error.what());
    }
}

}  // namespace tcpwitness
