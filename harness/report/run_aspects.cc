#include "report/run_aspects.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/error.hh"
#include "report/outcome_words.hh"
#include "report/relative_numbers.hh"

namespace tcpwitness {
namespace {

// Ports from here on are chosen by the kernel (net.ipv4.ip_local_port_range).
constexpr uint16_t kFirstChosenPort = 32768;

}  // namespace

std::string socket_name(const Socket& socket) {
    if (!socket.name.empty()) return socket.host + " " + socket.name;
    return socket.local.port < kFirstChosenPort ? fmt::format("{} :{}", socket.host, socket.local.port) : socket.host;
}

namespace {

std::vector<std::string> results_of(const Timeline& timeline) {
    std::vector<std::string> lines;
    for (const Event& event : timeline.events) {
        const auto* call = std::get_if<Call>(&event.body);
        if (call == nullptr) continue;
        const std::string result = !call->ended              ? "never returned"
                                   : call->error_number != 0 ? errno_name(call->error_number)
                                                             : std::to_string(call->result);
        lines.push_back(fmt::format("{}: {} = {}", call->program, call->text, result));
    }
    return lines;
}

// One line for each socket that was in a state other than CLOSED.
std::vector<std::string> states_lines(const Timeline& timeline) {
    std::vector<std::string> lines;
    for (const Socket& socket : timeline.sockets) {
        std::vector<std::string> states;
        for (const StateSpan& span : states_of(timeline, socket.index)) states.emplace_back(to_string(span.state));
        if (!states.empty()) lines.push_back(fmt::format("{}: {}", socket_name(socket), fmt::join(states, " -> ")));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

// "#2746534523", a number that nothing explains, differs from seed to seed.
std::string without_absolute_numbers(const std::string& text) {
    std::string kept;
    bool absolute = false;
    for (const char character : text) {
        absolute = character == '#' || (absolute && character >= '0' && character <= '9');
        if (!absolute || character == '#') kept += character;
    }
    return kept;
}

// Connections that only a port tells apart, by their order: the kernel may have chosen the port.
void name_by_order(std::vector<SegmentNumbers>& numbers) {
    std::map<std::string, std::string> names;
    for (SegmentNumbers& each : numbers) {
        if (!each.connection.starts_with(':')) continue;
        const auto [name, is_new] = names.try_emplace(each.connection);
        if (is_new) name->second = fmt::format("connection {}", names.size());
        each.connection = name->second;
    }
}

// What one host sent, in its order: which of two segments that cross is first says nothing.
std::vector<std::string> segments_from(const std::string& host, const Timeline& timeline) {
    std::vector<std::string> lines;
    const std::vector<Journey> ways = journeys(timeline);
    std::vector<SegmentNumbers> numbers = number_segments(timeline, ways);
    name_by_order(numbers);
    const size_t end = story_length(timeline);
    for (size_t i = 0; i < ways.size(); ++i) {
        const size_t event = ways[i].sent ? *ways[i].sent : *ways[i].arrived;
        if (event >= end || sender_of(timeline, ways[i]) != host) continue;
        const std::string what = without_absolute_numbers(describe_segment(segment_of(timeline, ways[i]), numbers[i]));
        lines.push_back(fmt::format("{} > {}: {}{}", host, receiver_of(timeline, ways[i]), what,
                                    ways[i].lost()     ? ", lost"
                                    : ways[i].forged() ? ", forged"
                                                       : ""));
    }
    return lines;
}

}  // namespace

std::vector<RunAspect> aspects_of(const Record& record) {
    const Outcome outcome = record.verdict.outcome;
    const bool seen = outcome == Outcome::pass || outcome == Outcome::fail;
    const std::string reason = outcome == Outcome::pass ? "" : ": " + record.verdict.reason;
    std::vector<RunAspect> aspects;
    if (seen) {
        aspects.push_back({"result", results_of(record.timeline)});
        aspects.push_back({"states", states_lines(record.timeline)});
        for (const auto& [host, addresses] : record.timeline.addresses)
            aspects.push_back({"segment", segments_from(host, record.timeline)});
    }
    aspects.push_back({"outcome", {std::string(to_string(outcome)) + (seen ? "" : reason)}});
    return aspects;
}

}  // namespace tcpwitness
