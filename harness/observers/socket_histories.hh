// SocketHistories: the sockets of one run and what is known of each: addresses, whose it is, its states in order of
// time. Written by TraceFollower (exact) or SegmentFollower (without BPF), asked by conditions. No kernel in here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "observers/socket_query.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

// The two ends of a connection as one host sees them.
struct Connection {
    std::string host;
    SocketAddress local;
    SocketAddress remote;

    auto operator<=>(const Connection&) const = default;
};

class SocketHistories {
  public:
    // A new socket, CLOSED as yet; returns its index.
    int add(const std::string& host, const SocketAddress& local, const std::optional<SocketAddress>& remote);

    // A change of state; nothing when it is in `to` already. `from` where it is not the present state: a connection
    // that a listener made begins in LISTEN.
    struct Cause {
        Source source = Source::tracepoint;
        std::string text = {};
        std::optional<TcpState> from = std::nullopt;
    };
    void change(int index, Instant at, TcpState to, const Cause& cause);
    void restart_time_wait(int index, Instant at, Source source);

    // Addresses become known bit by bit: zero ports and wildcard addresses never replace what is known. A connection
    // whose ports are both known is found by find() until it is CLOSED or another one takes its place.
    void set_addresses(int index, const SocketAddress& local, const std::optional<SocketAddress>& remote);
    // A closed socket connects again: what was known of its addresses does not hold any more.
    void replace_addresses(int index, const SocketAddress& local, const std::optional<SocketAddress>& remote);
    // 0 is ignored. The cookie leads to the socket that it was last set for.
    void set_cookie(int index, uint64_t cookie);
    // The same program's same socket, connecting again while its former connection is still in TIME_WAIT.
    int add_successor(int index);
    // A program tells of a socket of its own: the one with this cookie, else the one with these addresses that nobody
    // has told of (accept() gives it a name; it may be CLOSED by now), else a new one. Returns its index.
    int learn(const std::string& host, const std::string& program, const std::string& name, uint64_t cookie,
              const std::optional<SocketAddress>& local, const std::optional<SocketAddress>& remote);

    std::optional<int> find(const Connection& connection) const;
    std::optional<int> find_cookie(const std::string& host, uint64_t cookie) const;
    // A socket that a program told of, with this local port, that never was in any state: one whose connection failed
    // before anyone could look.
    std::optional<int> find_port_owner(const Connection& connection) const;
    bool has_changed(int index) const { return !states_.at(static_cast<size_t>(index)).entered.empty(); }

    const Socket& socket(int index) const { return sockets_.at(static_cast<size_t>(index)); }
    TcpState state(int index) const { return states_.at(static_cast<size_t>(index)).now; }
    uint64_t cookie(int index) const { return states_.at(static_cast<size_t>(index)).cookie; }
    std::optional<Connection> connection(int index) const;
    int size() const { return static_cast<int>(sockets_.size()); }
    const std::vector<Socket>& sockets() const { return sockets_; }

    // Those that the query names, in the order of their making. A name that was used again names the newest.
    std::vector<int> select(const SocketQuery& query) const;
    bool entered(int index, TcpState state, Instant since) const;

    // What happened since the last call, in the order in which it was learned.
    std::vector<Event> take_events() { return std::exchange(events_, {}); }

  private:
    struct State {
        TcpState now = TcpState::closed;
        uint64_t cookie = 0;
        std::vector<std::pair<Instant, TcpState>> entered;
    };

    void make_findable(int index);
    std::optional<int> find_untold(const Connection& connection) const;

    std::vector<Socket> sockets_;
    std::vector<State> states_;
    std::map<Connection, int> connections_;
    std::map<std::pair<std::string, uint64_t>, int> cookies_;
    std::vector<Event> events_;
};

}  // namespace tcpwitness
