#include "report/run_json.hh"

#include <nlohmann/json.hpp>

#include "report/failure_text.hh"
#include "report/outcome_words.hh"
#include "report/relative_numbers.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr int kFailureWidth = 100;  // columns

Json time_json(const std::optional<Instant>& at) {
    return at ? Json(at->count()) : Json(nullptr);
}

Json time_of_event(const Timeline& timeline, const std::optional<size_t>& event) {
    return event ? Json(timeline.events.at(*event).at.count()) : Json(nullptr);
}

Json states_json(const Timeline& timeline, const Socket& socket) {
    Json states = Json::array();
    for (const StateSpan& span : states_of(timeline, socket.index)) {
        states.push_back({{"state", to_string(span.state)},
                          {"at_ns", span.began.count()},
                          {"ended_ns", time_json(span.ended)},
                          {"inferred", span.source == Source::inferred}});
    }
    return states;
}

Json sockets_json(const Timeline& timeline) {
    Json sockets = Json::array();
    for (const Socket& socket : timeline.sockets) {
        Json json{{"host", socket.host}, {"program", socket.program}, {"name", socket.name}};
        json["local"] = to_string(socket.local);
        json["remote"] = socket.remote ? Json(to_string(*socket.remote)) : Json(nullptr);
        json["states"] = states_json(timeline, socket);
        sockets.push_back(json);
    }
    return sockets;
}

// "absolute": there was no SYN of that end to count from, and the number is the one on the wire.
Json number_json(const RelativeNumber& number) {
    return {{"value", number.value}, {"absolute", number.absolute}};
}

Json segment_json(const Timeline& timeline, const Journey& way, const SegmentNumbers& numbers) {
    const TcpSegment& segment = segment_of(timeline, way);
    Json json{{"from", sender_of(timeline, way)}, {"to", receiver_of(timeline, way)}};
    json["source"] = to_string(segment.source);
    json["destination"] = to_string(segment.destination);
    json["flags"] = flags_to_string(segment.flags);
    json["seq"] = number_json(numbers.sequence);
    json["ack"] = numbers.acknowledgment ? number_json(*numbers.acknowledgment) : Json(nullptr);
    json["len"] = segment.payload_length;
    json["again"] = numbers.again;
    json["sent_ns"] = time_of_event(timeline, way.sent);
    json["arrived_ns"] = time_of_event(timeline, way.arrived);
    json["lost"] = way.lost();
    json["forged"] = way.forged();
    json["copy"] = way.copy;
    json["corrupted"] = way.corrupted;
    return json;
}

Json segments_json(const Timeline& timeline) {
    const std::vector<Journey> ways = journeys(timeline);
    const std::vector<SegmentNumbers> numbers = number_segments(timeline, ways);
    Json segments = Json::array();
    for (size_t i = 0; i < ways.size(); ++i) segments.push_back(segment_json(timeline, ways[i], numbers[i]));
    return segments;
}

Json calls_json(const Plan& plan, const Timeline& timeline) {
    Json calls = Json::array();
    for (const Event& event : timeline.events) {
        const auto* call = std::get_if<Call>(&event.body);
        if (call == nullptr) continue;
        Json json{{"program", call->program}, {"text", call_text(plan, *call)}};
        json["result"] = call->result;
        json["errno"] = call->error_number;
        json["output"] = call->output;
        json["began_ns"] = event.at.count();
        json["ended_ns"] = time_json(call->ended);
        calls.push_back(json);
    }
    return calls;
}

}  // namespace

std::string run_json(const Record& record) {
    Json json{{"format", "tcpwitness run"}, {"version", kVersion}};
    json["id"] = record.plan.id;
    json["name"] = display_name(record.plan);
    json["outcome"] = to_string(record.verdict.outcome);
    json["reason"] = record.verdict.reason;
    json["failure"] = failure_text(record, {.width = kFailureWidth});
    json["where"] = record.where;
    json["kernel"] = record.timeline.observed.kernel;
    json["repeat"] = record.repeat_command;
    json["sockets"] = sockets_json(record.timeline);
    json["segments"] = segments_json(record.timeline);
    json["calls"] = calls_json(record.plan, record.timeline);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tcpwitness
