// What calls return in each state.
#include <fmt/core.h>

#include <optional>

#include "base/error.hh"
#include "coverage/event_table.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

bool has_linger_zero(const RunView& run, const SocketCall& call) {
    bool on = false;
    for (const SocketCall& earlier : run.calls) {
        if (earlier.event >= call.event || earlier.socket != call.socket || earlier.step->function != "setsockopt")
            continue;
        if (earlier.step->arguments.size() != 4 || earlier.step->arguments[2].text != "SO_LINGER") continue;
        const std::vector<Value>& items = earlier.step->arguments[3].items;
        const auto is_on = [](const Value& value) { return value.text == "on" || value.integer != 0; };
        on = items.size() == 2 && is_on(items[0]) && items[1].duration == Duration{} && items[1].integer == 0;
    }
    return on;
}

std::optional<TableEvent> shutdown_event(const CallStep& step) {
    if (step.arguments.size() < 2) return std::nullopt;
    if (step.arguments[1].text == "SHUT_WR") return TableEvent::shutdown_write;
    if (step.arguments[1].text == "SHUT_RD") return TableEvent::shutdown_read;
    return std::nullopt;  // both at once: no column of its own
}

std::optional<TableEvent> event_of(const RunView& run, const SocketCall& call) {
    const std::string& function = call.step->function;
    if (function == "close") return has_linger_zero(run, call) ? TableEvent::abort : TableEvent::close;
    if (function == "shutdown") return shutdown_event(*call.step);
    if (function == "send" || function == "write") return TableEvent::send;
    if (function == "recv" || function == "read") return TableEvent::receive;
    if (function == "connect") return TableEvent::connect;
    if (function == "listen") return TableEvent::listen;
    if (function == "bind") return TableEvent::bind;
    return std::nullopt;
}

std::string result_of(const Call& call) {
    if (call.error_number != 0) return errno_name(call.error_number);
    return std::to_string(call.result);
}

// How many bytes were moved says nothing about the state.
std::string answer_of(const SocketCall& call, TableEvent event) {
    const bool moves = event == TableEvent::send || event == TableEvent::receive;
    const bool moved = moves && call.call->ended && call.call->result > 0;
    const std::string result = moved ? "bytes" : call.call->ended ? result_of(*call.call) : "";
    if (call.step->mode != CallMode::begin) return call.call->ended ? "= " + result : "blocks";
    return result.empty() ? "blocks" : "blocks, then = " + result;
}

// connect() goes on to its outcome; of other calls only the first change is theirs, what follows comes from the
// answers.
std::string after(const RunView& run, const SocketCall& call, TableEvent event) {
    std::string states;
    const bool all = event == TableEvent::connect && call.step->mode == CallMode::complete;
    const Instant ended = call.call->ended.value_or(end_of_story(run.timeline)) + kStampsApart;
    for (const Passage& passage : run.passages) {
        if (passage.socket != call.socket || passage.event < call.event || passage.at > ended) continue;
        if (!all && passage.occasion != Occasion::call) break;
        states += (states.empty() ? "" : " -> ") + std::string(to_string(passage.to));
        if (!all) break;
    }
    return states.empty() ? std::string(to_string(call.state)) : states;
}

}  // namespace

void add_call_entries(const RunView& run, std::vector<CellEntry>& entries) {
    for (const SocketCall& call : run.calls) {
        const std::optional<TableEvent> event = event_of(run, call);
        if (!event) continue;
        entries.push_back({call.state, *event, answer_of(call, *event), after(run, call, *event), call.event});
    }
}

}  // namespace tcpwitness
