// Observers: everything that watches one run: state tracer (BPF), socket table (sock_diag), packet capture, counters.
// They share one clock and give Events; what they see of one socket becomes one Socket (SocketHistories), by
// TraceFollower where the state tracer loads and by SegmentFollower where it does not.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "network/namespace.hh"
#include "observers/socket_query.hh"
#include "observers/state_tracer.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

struct ObservedHost {
    const NetworkNamespace* network_namespace = nullptr;
    std::vector<IpAddress> addresses;
    std::vector<std::string> interfaces;  // besides "lo", which is always watched
    bool has_sockets = true;              // false for `path`: no capture, no socket table there; counters only
};

struct ObserverOptions {
    // BPF on raw tracepoints: every state of every socket as it begins, TIME_WAIT with its restarts and its end.
    // False, or refused by the kernel: sock_diag asked at every segment, call and timer, the gaps inferred.
    bool state_tracer = true;
};

// What observing needs of the machine as a whole. A guest has it in its snapshot; what is missing is made for the run.
struct PreparedObservers {
    std::unique_ptr<StateTracer> tracer;
    FileDescriptor packet_stamps;  // keep_packet_stamps()
};

class Observers {
  public:
    using Emit = std::function<void(Event)>;

    // Attaches everything; when it returns nothing that happens in `hosts` escapes. `origin` is the CLOCK_MONOTONIC
    // time that Event::at counts from. Throws SystemError or NetlinkError for what the kernel refuses; a refused state
    // tracer is told by observed() and tracer_refusal().
    Observers(std::vector<ObservedHost> hosts, const ObserverOptions& options, Duration origin, Emit emit,
              PreparedObservers prepared = {});
    ~Observers();

    // Descriptors to wait on for reading; `drain()` after any of them is readable, before any decision that needs the
    // present (a check, the end), and never while it is itself running. Emits events in the order of their times. Without
    // the state tracer a state can become known later than what followed it; its event then comes late with its true
    // time. The same holds for a LISTEN that a call was still about to make sure of.
    std::vector<int> descriptors() const;
    void drain();
    // Drains, and where the state tracer goes on saying another state than sock_diag, emits RecordsLost.
    void compare_with_table();

    // When a socket's timer is due to change its state without any segment or call (sock_diag told); absent: no need.
    std::optional<Instant> next_look() const;

    // A program's call told who a socket is. Called for every reply with SocketFacts, in order.
    void learn(const std::string& host, const std::string& program, const std::string& name, uint64_t cookie,
               const std::optional<SocketAddress>& local, const std::optional<SocketAddress>& remote);
    // A call may have changed states that no segment shows (listen, close of a listener): look now.
    void look();

    // The states of the sockets that the query names, as of the last drain; asks sock_diag first when not exact.
    // A named socket that no longer exists is CLOSED. Empty: no such socket was ever seen.
    std::vector<TcpState> states(const SocketQuery& query);
    // Every change of such a socket into `state` since `since` was seen already.
    bool entered(const SocketQuery& query, TcpState state, Instant since) const;
    // A field of struct tcp_info ("retransmits"), asked of the kernel now; nothing when there is no such socket.
    // Throws Error for a field that this kernel does not fill.
    std::optional<int64_t> tcp_info(const SocketQuery& query, const std::string& field);
    // The present change of a counter since the observers were attached: "TcpExt.ListenDrops".
    int64_t counter(const std::string& host, const std::string& name);

    // Sockets of the case, their addresses and names as known now.
    const std::vector<Socket>& sockets() const;
    Observed observed() const;
    // Why there is no state tracer, in the kernel's words; empty when there is one or it was not wanted.
    const std::string& tracer_refusal() const;
    std::vector<SocketLeft> sockets_left();
    std::map<std::string, std::map<std::string, int64_t>> counters();
    // Connections that wait in the accept queues of `host`'s listeners that no tcp_actor made (tcp_info.unacked of a
    // socket in LISTEN).
    int64_t waiting_for_accept(const std::string& host);
    // Packets that were given to the link of a host and have not arrived at the other, now.
    size_t segments_in_flight() const;

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace tcpwitness
