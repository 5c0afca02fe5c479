// The JSON form of a Plan: what `tcpwitness plan` prints and what a worker or a guest is given.
#include "plan/plan.hh"

#include <array>

#include "base/json.hh"
#include "base/utf8.hh"
#include "plan/path_trick_json.hh"

namespace tcpwitness {
namespace {

template <typename Enum, size_t kCount>
Enum enum_from_json(const nlohmann::json& json, const std::array<std::string_view, kCount>& names) {
    const std::string name = json.get<std::string>();
    for (size_t i = 0; i < kCount; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    throw Error("unknown name '" + name + "' in the JSON of a plan");
}

constexpr std::array<std::string_view, 6> kRelations{"=", "!=", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 2> kTopologies{"path", "direct"};
constexpr std::array<std::string_view, 6> kResultKinds{"success", "number", "error", "output", "value", "any"};
constexpr std::array<std::string_view, 3> kCallModes{"complete", "begin", "finish"};

}  // namespace

// An enumeration is written as the name at its place in `names`.
#define TCPWITNESS_JSON_ENUM(Enum, names)                         \
    void to_json(nlohmann::json& json, Enum value) {              \
        json = std::string(names.at(static_cast<size_t>(value))); \
    }                                                             \
    void from_json(const nlohmann::json& json, Enum& value) {     \
        value = enum_from_json<Enum>(json, names);                \
    }

TCPWITNESS_JSON_ENUM(Relation, kRelations)
TCPWITNESS_JSON_ENUM(Topology, kTopologies)
TCPWITNESS_JSON_ENUM(ExpectedResult::Kind, kResultKinds)
TCPWITNESS_JSON_ENUM(CallMode, kCallModes)
#undef TCPWITNESS_JSON_ENUM

TCPWITNESS_JSON(SourcePosition, file, line, column)
TCPWITNESS_JSON(SourceLine, position, text)
TCPWITNESS_JSON(Comparison, relation, value)
TCPWITNESS_JSON(DurationRange, least, most)

TCPWITNESS_JSON(InterfaceAddress, ip, prefix_length)
TCPWITNESS_JSON(PlanInterface, host, name, mac, addresses)
TCPWITNESS_JSON(PlanLink, a, b, mtu)
TCPWITNESS_JSON(PlanRoute, host, destination, via)
TCPWITNESS_JSON(PlanHost, name, sysctls)
TCPWITNESS_JSON(PlanNetwork, topology, family, hosts, links, routes, forwarder)

// A file that is not text goes as base64.
void to_json(nlohmann::json& json, const PlanFile& file) {
    json = {{"name", file.name}};
    if (first_invalid_utf8(file.content)) {
        json["base64"] = base64_encode(file.content);
    } else {
        json["content"] = file.content;
    }
}

void from_json(const nlohmann::json& json, PlanFile& file) {
    file.name = json.at("name").get<std::string>();
    file.content = json.contains("base64") ? base64_decode(json.at("base64").get<std::string>())
                                           : json.at("content").get<std::string>();
}

TCPWITNESS_JSON(PlanProgram, name, host, command, environment, working_folder, files, user)

TCPWITNESS_JSON(ExpectedResult, kind, number, error_number, output)
TCPWITNESS_JSON(SocketReference, host, program, name, port)
TCPWITNESS_JSON(StateCondition, socket, state)
TCPWITNESS_JSON(TcpInfoCondition, socket, field, comparison)
TCPWITNESS_JSON(ExitCondition, program, exit_status, signal)
TCPWITNESS_JSON(SegmentCondition, from, to, flags, payload_length)
TCPWITNESS_JSON(CounterCondition, host, counter, comparison)
TCPWITNESS_JSON(FaultCondition, fault)

TCPWITNESS_JSON(CallStep, program, function, arguments, makes, mode, expected, text)
TCPWITNESS_JSON(StartStep, program)
TCPWITNESS_JSON(SignalStep, program, signal, signal_name)
TCPWITNESS_JSON(AwaitStep, condition)
TCPWITNESS_JSON(CheckStep, condition)
TCPWITNESS_JSON(WaitStep, duration)
TCPWITNESS_JSON(SysctlStep, host, key, value)
TCPWITNESS_JSON(PathStep, function, arguments, trick)
TCPWITNESS_JSON(PlanStep, source, deadline, action)

TCPWITNESS_JSON(StateAndDuration, state, duration, duration_text)
TCPWITNESS_JSON(StateElement, gap, alternatives)
TCPWITNESS_JSON(StatesExpectation, source, socket, sequence)
TCPWITNESS_JSON(Term, negative, variable, integer)
TCPWITNESS_JSON(WirePattern, source, gap, from, to, flags, sequence, acknowledgment, length, window, options, optional,
                lost, forged)
TCPWITNESS_JSON(TimeWaitExpectation, source, socket, restarts, length, length_text, ended_by)
TCPWITNESS_JSON(SocketsExpectation, source, host, states)
TCPWITNESS_JSON(CounterExpectation, source, host, counter, comparison)
TCPWITNESS_JSON(SpacingExpectation, source, from, to, flags, gaps, more, tolerance)
TCPWITNESS_JSON(DataExpectation, source, from, to)
TCPWITNESS_JSON(ExitExpectation, source, program, exit_status, signal)
TCPWITNESS_JSON(Expectations, states, wire, time_wait, sockets, counters, spacing, data, exits)

TCPWITNESS_JSON(Plan, id, title, variant, about, reference, claims, tags, source, case_text, network, programs, steps,
                expectations, seed, timeout, two_msl, expected_duration, needs, skip)

std::string plan_to_json(const Plan& plan, int indent) {
    return nlohmann::json(plan).dump(indent);
}

Plan plan_from_json(const std::string& text) {
    try {
        return nlohmann::json::parse(text).get<Plan>();
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not the JSON of a plan: ") + error.what());
    }
}

}  // namespace tcpwitness
