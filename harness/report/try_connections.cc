#include "report/try_connections.hh"

#include <algorithm>
#include <map>
#include <utility>

namespace tcpwitness {
namespace {

using Ends = std::pair<SocketAddress, SocketAddress>;  // client's and server's

SocketAddress plain(const SocketAddress& address) {
    return {address.ip.unmapped(), address.port};
}

class Connections {
  public:
    explicit Connections(const Timeline& timeline) : timeline_(timeline) {}

    std::vector<TryConnection> all() {
        for (size_t event = 0; event < story_length(timeline_); ++event) {
            const auto* seen = std::get_if<SegmentSeen>(&timeline_.events[event].body);
            if (seen != nullptr && (seen->host == "client" || seen->host == "server")) take(*seen);
        }
        for (const Socket& socket : timeline_.sockets) add_state(socket);
        // A segment is captured before TCP gets it: an end may have closed in between, and then has TIME_WAIT too.
        for (TryConnection& each : connections_) {
            const bool both_wait = each.client_state == TcpState::time_wait && each.server_state == TcpState::time_wait;
            if (each.second_fin && both_wait) each.first = ClosedFirst::both;
        }
        return connections_;
    }

  private:
    // What has been seen of a connection's FINs so far.
    struct Progress {
        size_t index = 0;
        std::map<std::string, bool> sent_fin, got_fin;  // by host
    };

    static Ends ends_of(const SegmentSeen& seen) {
        const bool from_client = (seen.host == "client") == (seen.direction == Direction::sent);
        const SocketAddress source = plain(seen.segment.source), destination = plain(seen.segment.destination);
        return from_client ? Ends{source, destination} : Ends{destination, source};
    }

    void take(const SegmentSeen& seen) {
        const Ends ends = ends_of(seen);
        const bool begins =
            seen.segment.has(tcp_flag::kSyn) && !seen.segment.has(tcp_flag::kAck) && seen.direction == Direction::sent;
        auto known = progress_.find(ends);
        const bool anew =
            known == progress_.end() || (begins && connections_[known->second.index].first != ClosedFirst::nobody);
        if (anew) {
            if (!begins) return;
            connections_.push_back({.client = ends.first, .server = ends.second});
            known = progress_.insert_or_assign(ends, Progress{.index = connections_.size() - 1}).first;
        }
        note(seen, known->second);
    }

    void note(const SegmentSeen& seen, Progress& progress) {
        TryConnection& connection = connections_[progress.index];
        if (seen.direction == Direction::arrived) {
            if (seen.segment.has(tcp_flag::kFin)) progress.got_fin[seen.host] = true;
            return;
        }
        if (seen.segment.has(tcp_flag::kSyn | tcp_flag::kAck)) connection.opened = true;
        if (seen.segment.has(tcp_flag::kRst)) note_reset(seen.host, connection);
        if (!seen.segment.has(tcp_flag::kFin)) return;
        const bool again = std::exchange(progress.sent_fin[seen.host], true);
        if (again) return;
        if (connection.first == ClosedFirst::nobody) {
            connection.first = seen.host == "client" ? ClosedFirst::client : ClosedFirst::server;
        } else if (!connection.by_reset) {
            connection.second_fin = true;
            if (!progress.got_fin[seen.host]) connection.first = ClosedFirst::both;
        }
    }

    static void note_reset(const std::string& host, TryConnection& connection) {
        if (connection.first != ClosedFirst::nobody) {
            connection.reset_after = !connection.by_reset;
            return;
        }
        connection.by_reset = true;
        connection.first = host == "client" ? ClosedFirst::client : ClosedFirst::server;
    }

    void add_state(const Socket& socket) {
        if (!socket.remote) return;
        const std::vector<StateSpan> spans = states_of(timeline_, socket.index);
        const TcpState last = spans.empty() ? TcpState::closed : spans.back().state;
        const SocketAddress local = plain(socket.local), remote = plain(*socket.remote);
        // The latest connection with these addresses.
        for (auto connection = connections_.rbegin(); connection != connections_.rend(); ++connection) {
            const bool client = socket.host == "client" && connection->client == local && connection->server == remote;
            const bool server = socket.host == "server" && connection->server == local && connection->client == remote;
            if (client) connection->client_state = last;
            if (server) connection->server_state = last;
            if (client || server) return;
        }
    }

    const Timeline& timeline_;
    std::vector<TryConnection> connections_;
    std::map<Ends, Progress> progress_;
};

}  // namespace

std::vector<TryConnection> try_connections(const Timeline& timeline) {
    return Connections(timeline).all();
}

std::string closing_words(const TryConnection& connection) {
    const std::string who = connection.first == ClosedFirst::client ? "the client" : "the server";
    if (!connection.opened && connection.by_reset) return who + " refused it";
    if (connection.first == ClosedFirst::nobody) return connection.opened ? "nobody closed it" : "it never opened";
    if (connection.first == ClosedFirst::both) return "both ends closed at once";
    if (connection.by_reset) return who + " reset it";
    return who + " closed first" + (connection.reset_after ? ", and a reset ended it" : "");
}

std::vector<TcpState> states_on_port(const Timeline& timeline, const std::string& host, uint16_t port, Instant when) {
    std::vector<TcpState> states;
    for (const Socket& socket : timeline.sockets) {
        if (socket.host != host || socket.local.port != port) continue;
        for (const StateSpan& span : states_of(timeline, socket.index)) {
            const bool then = span.began <= when && (!span.ended || *span.ended > when);
            if (then && span.state != TcpState::closed && span.state != TcpState::listen) states.push_back(span.state);
        }
    }
    return states;
}

std::optional<Instant> second_start(const Timeline& timeline, const std::string& program) {
    bool before = false;
    for (const Event& event : timeline.events) {
        const auto* started = std::get_if<ProgramStarted>(&event.body);
        if (started == nullptr || started->program != program) continue;
        if (std::exchange(before, true)) return event.at;
    }
    return std::nullopt;
}

}  // namespace tcpwitness
