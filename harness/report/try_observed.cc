// What a run that went through leaves to expect of the next one.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/socket_names.hh"
#include "report/try_connections.hh"
#include "report/try_learning.hh"
#include "verdict/case_sockets.hh"

namespace tcpwitness {
namespace {

std::string end_words(const ProgramExited& exited) {
    return exited.signal != 0 ? signal_name(exited.signal) : std::to_string(exited.exit_status);
}

// "{LISTEN: 1, TIME_WAIT: 1}", as `expect.sockets` has it.
std::string sockets_left(const Timeline& timeline, const std::string& host) {
    std::map<TcpState, int> counts;
    for (const SocketLeft& left : timeline.sockets_left) {
        if (left.host == host && is_of_the_case(timeline, left)) ++counts[left.state];
    }
    std::vector<std::string> words;
    for (const auto& [state, count] : counts) words.push_back(fmt::format("{}: {}", to_string(state), count));
    return words.empty() ? "none" : fmt::format("{{{}}}", fmt::join(words, ", "));
}

// The order of the FINs, where only one connection could be meant.
std::vector<std::string> order_of_fins(const std::vector<TryConnection>& connections) {
    if (connections.size() != 1) return {};
    const TryConnection& only = connections.front();
    const bool ordered = only.first == ClosedFirst::client || only.first == ClosedFirst::server;
    if (!ordered || only.by_reset || only.reset_after) return {};
    const bool client = only.first == ClosedFirst::client;
    std::vector<std::string> lines{client ? "client > server: FIN ACK" : "server > client: FIN ACK"};
    if (only.second_fin) lines.emplace_back(client ? "server > client: FIN ACK" : "client > server: FIN ACK");
    return lines;
}

std::string closing_of(const std::vector<TryConnection>& connections) {
    std::vector<std::string> words;
    for (const TryConnection& connection : connections) {
        const std::string closing = closing_words(connection);
        if (std::find(words.begin(), words.end(), closing) == words.end()) words.push_back(closing);
    }
    return words.empty() ? "nothing connected" : fmt::format("{}", fmt::join(words, "; "));
}

// The ends of programs, in their order.
void note_ends(const TryWishes& wishes, const Record& record, TryObserved& observed) {
    const Timeline& timeline = record.timeline;
    const std::optional<Instant> again = second_start(timeline, wishes.server.name);
    for (const Event& event : timeline.events) {
        const auto* exited = std::get_if<ProgramExited>(&event.body);
        if (exited == nullptr || exited->by_harness) continue;
        if (wishes.client && exited->program == wishes.client->name) observed.client_end = end_words(*exited);
        if (exited->program != wishes.server.name) continue;
        (again && event.at > *again ? observed.second_end : observed.server_end) = end_words(*exited);
    }
}

bool has_time_wait(const std::vector<TcpState>& states) {
    return std::find(states.begin(), states.end(), TcpState::time_wait) != states.end();
}

}  // namespace

TryObserved observe(const TryWishes& wishes, const TryLearnt& learnt, const Record& record) {
    const Timeline& timeline = record.timeline;
    const std::vector<TryConnection> connections = try_connections(timeline);
    TryObserved observed{.where = record.where.substr(0, record.where.find("; "))};
    observed.closing = closing_of(connections);
    if (!wishes.restart.empty())
        observed.restarted = fmt::format("started again after {}, {} {}", wishes.restart, wishes.server.name,
                                         learnt.restart == TryRestart::ends ? "could not listen" : "listened again");
    note_ends(wishes, record, observed);
    for (const Socket& socket : timeline.sockets) {
        if (socket.program != "client" || socket.name != "c") continue;
        const std::vector<StateSpan> spans = states_of(timeline, socket.index);
        if (!spans.empty()) observed.client_state = spans.back().state;
    }
    if (const std::optional<Instant> again = second_start(timeline, wishes.server.name))
        observed.time_wait_before_restart = has_time_wait(states_on_port(timeline, "server", learnt.port, *again));
    observed.server_time_wait = has_time_wait(states_on_port(timeline, "server", learnt.port, end_of_story(timeline)));
    for (const char* host : {"client", "server"}) observed.sockets[host] = sockets_left(timeline, host);
    // Behind a line that loses segments the order of sending is chance, and waiting for segments would take its time.
    if (wishes.netem.empty()) observed.wire = order_of_fins(connections);
    return observed;
}

void weaken(TryObserved& observed, const TryObserved& other) {
    const bool same_end =
        observed.sockets == other.sockets && observed.wire == other.wire && observed.client_state == other.client_state;
    const bool same_programs = observed.server_end == other.server_end && observed.client_end == other.client_end &&
                               observed.second_end == other.second_end;
    for (auto end : {&TryObserved::server_end, &TryObserved::client_end, &TryObserved::second_end}) {
        if (observed.*end != other.*end) (observed.*end).clear();
    }
    observed.time_wait_before_restart = observed.time_wait_before_restart && other.time_wait_before_restart;
    if (observed.closing.find(other.closing) == std::string::npos) observed.closing += ", or " + other.closing;
    if (same_end && !same_programs) return;
    observed.sockets.clear();
    observed.wire.clear();
    observed.client_state.reset();
    observed.server_time_wait = false;
}

}  // namespace tcpwitness
