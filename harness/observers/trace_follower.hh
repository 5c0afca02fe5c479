// TraceFollower: makes socket histories of the state tracer's records. The kernel changes what object a connection lives
// in (request socket, full socket, mini-socket) and its tracepoint shows states that no peer could see; here they become
// the one line of states that RFC 9293 and ss(8) know. Pure: what the kernel must be asked is returned as a question.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "observers/socket_histories.hh"
#include "observers/socket_table.hh"
#include "observers/trace_record.h"

namespace tcpwitness {

// A trace_record with the kernel's numbers turned into values.
struct Trace {
    Instant at{};
    trace_kind kind = TRACE_STATE;
    std::string host;
    uint64_t object = 0;
    uint64_t child = 0;
    uint64_t cookie = 0;
    SocketAddress local;
    std::optional<SocketAddress> remote;
    TcpState old_state = TcpState::closed;
    TcpState new_state = TcpState::closed;
    bool was_hashed = false;
    bool timer_set = false;
};

// `at` is counted from `origin`. Throws Error for a state that is none.
Trace trace_of(const trace_record& record, const std::string& host, Duration origin);

class TraceFollower {
  public:
    explicit TraceFollower(SocketHistories& histories) : histories_(histories) {}

    // Records and segments in order of time.
    void follow(const Trace& trace);
    void follow(const SegmentSeen& segment, Instant at);

    // Request sockets and mini-sockets whose timer was taken out: gone, or about to get another one? The answer is what
    // sock_diag has for the connection; to be asked after all records were followed.
    std::vector<int> doubtful_timers() const;
    void answer_timer(int index, const std::optional<TableEntry>& entry);

    // How many connections of a host are in another state than sock_diag shows, or known to only one of both. When that
    // lasts after all records were followed, a record is missing that nobody counted.
    int64_t contradictions(const std::string& host, const std::vector<TableEntry>& entries) const;
    // Records since the last call that tell of a state before them which no record told of.
    int64_t take_missing() { return std::exchange(missing_, 0); }

    // Hosts with a socket that calls itself LISTEN; the kernel's listen() says so before it knows whether it may. The
    // answer is all listeners of the host.
    std::vector<std::string> hosts_with_doubtful_listeners() const;
    void answer_listeners(const std::string& host, const std::vector<TableEntry>& listeners);

  private:
    // A full socket that the kernel made from a listener, whose addresses were not yet filled in.
    struct Child {
        Instant made{};
        std::string host;
        SocketAddress listener;
    };
    struct Request {
        int socket = 0;
        std::optional<Instant> cancelled;
    };
    struct Mini {
        int socket = 0;
        std::optional<Instant> cancelled;
    };

    void follow_state(const Trace& trace);
    void expect_state(int index, std::initializer_list<TcpState> possible);
    int socket_of(const Trace& trace);
    std::optional<int> socket_of_child(const Trace& trace);
    void change_listener(int index, const Trace& trace);
    void follow_end_of_object(const Trace& trace);
    void follow_request_begun(const Trace& trace);
    void follow_request_unlinked(const Trace& trace);
    void follow_request_expired(const Trace& trace);
    void end_request(uint64_t object, Instant at);
    void end_former(int index, Instant at);
    void follow_mini_begun(const Trace& trace);
    void follow_mini_changed(const Trace& trace);
    void follow_mini_ended(const Trace& trace);
    std::optional<int> find(const Trace& trace) const;
    std::optional<uint64_t> mini_of(int index) const;
    void end_mini(uint64_t object, Instant at, const std::string& why);

    SocketHistories& histories_;
    std::map<uint64_t, int> objects_;  // full sockets
    std::map<uint64_t, Request> requests_;
    std::map<uint64_t, Mini> minis_;
    std::map<uint64_t, Child> children_;
    std::map<int, Instant> unproven_listeners_;
    std::set<uint64_t> ended_minis_;  // objects, until the kernel uses their memory again
    int64_t missing_ = 0;
};

}  // namespace tcpwitness
