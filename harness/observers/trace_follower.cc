#include "observers/trace_follower.hh"

#include <algorithm>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr uint8_t kAddressFamilyInet6 = 10;

TcpState state_of(uint8_t kernel_state) {
    const auto state = tcp_state_from_kernel(kernel_state);
    if (!state) throw Error("the state tracer saw a state that is none: " + std::to_string(kernel_state));
    return *state;
}

bool is_state_kind(const trace_record& record) {
    return record.kind == TRACE_STATE || record.kind >= TRACE_MINI_BEGUN;
}

}  // namespace

Trace trace_of(const trace_record& record, const std::string& host, Duration origin) {
    const Family family = record.family == kAddressFamilyInet6 ? Family::ipv6 : Family::ipv4;
    Trace trace;
    trace.at = Duration(record.at) - origin;
    trace.kind = static_cast<trace_kind>(record.kind);
    trace.host = host;
    trace.object = record.object;
    trace.child = record.child;
    trace.cookie = record.cookie;
    trace.local = {IpAddress::from_bytes(family, record.local_address).unmapped(), record.local_port};
    if (record.remote_port != 0) {
        trace.remote = {IpAddress::from_bytes(family, record.remote_address).unmapped(), record.remote_port};
    }
    // A mini-socket that just began had no substate before.
    if (is_state_kind(record)) trace.new_state = state_of(record.new_state);
    if (is_state_kind(record) && record.kind != TRACE_MINI_BEGUN) trace.old_state = state_of(record.old_state);
    trace.was_hashed = record.was_hashed != 0;
    trace.timer_set = record.timer_set != 0;
    return trace;
}

void TraceFollower::follow(const Trace& trace) {
    switch (trace.kind) {
        case TRACE_STATE:
            return follow_state(trace);
        case TRACE_SOCKET_GONE:
            return follow_end_of_object(trace);
        case TRACE_REQUEST_BEGUN:
            return follow_request_begun(trace);
        case TRACE_REQUEST_UNLINKED:
            return follow_request_unlinked(trace);
        case TRACE_REQUEST_EXPIRED:
            return follow_request_expired(trace);
        case TRACE_MINI_BEGUN:
            return follow_mini_begun(trace);
        case TRACE_MINI_CHANGED:
            return follow_mini_changed(trace);
        case TRACE_MINI_CANCELLED:
        case TRACE_MINI_EXPIRED:
            return follow_mini_ended(trace);
    }
}

std::optional<int> TraceFollower::find(const Trace& trace) const {
    if (!trace.remote) return std::nullopt;
    return histories_.find({trace.host, trace.local, *trace.remote});
}

// --- full sockets ---

void TraceFollower::follow_state(const Trace& trace) {
    // Most records come twice (state_tracer.bpf.c); nothing below may mind.
    //
    // The kernel copies the listener and calls the copy SYN_RECV; its addresses are the listener's as yet. The
    // connection itself is in SYN_RCVD since its SYN came, as a request socket.
    if (trace.old_state == TcpState::listen && trace.new_state == TcpState::syn_rcvd) {
        children_[trace.object] = {trace.at, trace.host, trace.local};
        return;
    }
    int index = socket_of(trace);
    if (mini_of(index)) {
        // tcp_time_wait() closes the full socket: the connection goes on in the mini-socket.
        if (trace.new_state == TcpState::closed) return;
        index = histories_.add_successor(index);
        objects_[trace.object] = index;
    }
    histories_.set_cookie(index, trace.cookie);
    if (trace.new_state == TcpState::syn_sent) {
        histories_.replace_addresses(index, trace.local, trace.remote);
    } else {
        histories_.set_addresses(index, trace.local, trace.remote);
    }
    if (trace.new_state == TcpState::listen || trace.old_state == TcpState::listen) return change_listener(index, trace);
    expect_state(index, {trace.old_state, trace.new_state});
    histories_.change(index, trace.at, trace.new_state, {});
}

// A change out of a state that the socket was never seen to enter: the record in between is missing.
void TraceFollower::expect_state(int index, std::initializer_list<TcpState> possible) {
    if (std::find(possible.begin(), possible.end(), histories_.state(index)) == possible.end()) ++missing_;
}

int TraceFollower::socket_of(const Trace& trace) {
    const auto known = objects_.find(trace.object);
    if (known != objects_.end()) return known->second;
    std::optional<int> index = socket_of_child(trace);
    // A socket that a program named before anything happened to it.
    if (!index && trace.cookie != 0) index = histories_.find_cookie(trace.host, trace.cookie);
    if (!index) index = histories_.add(trace.host, trace.local, trace.remote);
    objects_[trace.object] = *index;
    return *index;
}

// A child without a request socket. With Fast Open it was in SYN_RCVD since it was made; with SYN cookies the kernel
// kept nothing of the connection before the third segment, so it begins ESTABLISHED.
std::optional<int> TraceFollower::socket_of_child(const Trace& trace) {
    const auto child = children_.find(trace.object);
    if (child == children_.end()) return std::nullopt;
    const Instant made = child->second.made;
    children_.erase(child);
    const int index = histories_.add(trace.host, trace.local, trace.remote);
    if (trace.new_state == TcpState::established) {
        histories_.change(index, trace.at, TcpState::established, {.from = TcpState::listen});
    } else if (trace.new_state != TcpState::closed) {
        histories_.change(index, made, TcpState::syn_rcvd, {.from = TcpState::listen});
    }
    return index;
}

void TraceFollower::change_listener(int index, const Trace& trace) {
    if (trace.new_state == TcpState::listen) {
        if (histories_.state(index) != TcpState::listen) unproven_listeners_.try_emplace(index, trace.at);
        return;
    }
    const auto unproven = unproven_listeners_.find(index);
    if (unproven != unproven_listeners_.end()) {
        const Instant began = unproven->second;
        unproven_listeners_.erase(unproven);
        // listen() failed: no SYN could ever have reached it.
        if (!trace.was_hashed) return;
        histories_.change(index, began, TcpState::listen, {});
    }
    histories_.change(index, trace.at, trace.new_state, {});
}

void TraceFollower::follow_end_of_object(const Trace& trace) {
    objects_.erase(trace.object);
    children_.erase(trace.object);
}

// --- request sockets ---

void TraceFollower::follow_request_begun(const Trace& trace) {
    const auto known = requests_.find(trace.object);
    if (known != requests_.end()) {
        known->second.cancelled.reset();  // its timer was set again: the SYN ACK was repeated
        return;
    }
    const auto moved = trace.child != 0 ? requests_.find(trace.child) : requests_.end();
    if (moved != requests_.end()) {
        requests_[trace.object] = {moved->second.socket, std::nullopt};
        requests_.erase(moved);
        return;
    }
    if (const auto former = find(trace)) end_former(*former, trace.at);
    const int index = histories_.add(trace.host, trace.local, trace.remote);
    histories_.set_cookie(index, trace.cookie);
    requests_[trace.object] = {index, std::nullopt};
    histories_.change(index, trace.at, TcpState::syn_rcvd, {.source = Source::timer, .from = TcpState::listen});
}

// The connection that had these addresses before is over: a new SYN ended TIME_WAIT, or a request was dropped before it.
void TraceFollower::end_former(int index, Instant at) {
    if (const auto mini = mini_of(index)) {
        return end_mini(*mini, minis_.at(*mini).cancelled.value_or(at), "descheduled");
    }
    for (const auto& [object, request] : requests_) {
        if (request.socket == index) return end_request(object, request.cancelled.value_or(at));
    }
}

void TraceFollower::follow_request_unlinked(const Trace& trace) {
    const auto request = requests_.find(trace.object);
    if (request == requests_.end()) return;
    if (trace.child == 0) {
        request->second.cancelled = trace.at;
        return;
    }
    children_.erase(trace.child);
    objects_[trace.child] = request->second.socket;
    requests_.erase(request);
}

void TraceFollower::follow_request_expired(const Trace& trace) {
    if (requests_.contains(trace.object)) end_request(trace.object, trace.at);
}

void TraceFollower::end_request(uint64_t object, Instant at) {
    const int index = requests_.at(object).socket;
    requests_.erase(object);
    histories_.change(index, at, TcpState::closed, {.source = Source::timer});
}

// --- mini-sockets ---

void TraceFollower::follow_mini_begun(const Trace& trace) {
    std::optional<int> index = find(trace);
    if (index && mini_of(*index)) {
        end_former(*index, trace.at);
        index.reset();
    }
    if (!index) {
        ++missing_;
        index = histories_.add(trace.host, trace.local, trace.remote);
    } else {
        // tcp_input.c: a socket goes to TIME_WAIT from these only, and an orphan to FIN_WAIT_2 within its full socket first.
        expect_state(*index, {TcpState::fin_wait_2, TcpState::closing});
    }
    histories_.set_cookie(*index, trace.cookie);
    ended_minis_.erase(trace.object);
    minis_[trace.object] = {*index, std::nullopt};
    histories_.change(*index, trace.at, trace.new_state, {.source = Source::timer});
}

std::optional<uint64_t> TraceFollower::mini_of(int index) const {
    for (const auto& [object, mini] : minis_) {
        if (mini.socket == index) return object;
    }
    return std::nullopt;
}

void TraceFollower::follow_mini_changed(const Trace& trace) {
    const auto mini = minis_.find(trace.object);
    if (mini == minis_.end()) return follow_mini_begun(trace);
    // The kernel may give a new mini-socket the memory of an old one that had the same addresses.
    if (mini->second.cancelled && find(trace) != mini->second.socket) {
        end_mini(trace.object, *mini->second.cancelled, "descheduled");
        return follow_mini_begun(trace);
    }
    mini->second.cancelled.reset();
    const int index = mini->second.socket;
    if (trace.new_state != histories_.state(index)) {
        histories_.change(index, trace.at, trace.new_state, {});
    } else if (trace.timer_set && trace.new_state == TcpState::time_wait) {
        histories_.restart_time_wait(index, trace.at, Source::timer);
    }
}

void TraceFollower::follow_mini_ended(const Trace& trace) {
    const auto mini = minis_.find(trace.object);
    if (mini == minis_.end()) {
        if (!ended_minis_.contains(trace.object)) ++missing_;
    } else if (trace.kind == TRACE_MINI_EXPIRED) {
        end_mini(trace.object, trace.at, "timer");
    } else {
        mini->second.cancelled = trace.at;
    }
}

// The full socket may outlive its connection, while the program still has a descriptor for it.
void TraceFollower::end_mini(uint64_t object, Instant at, const std::string& why) {
    const int index = minis_.at(object).socket;
    minis_.erase(object);
    ended_minis_.insert(object);
    histories_.change(index, at, TcpState::closed, {.source = Source::timer, .text = why});
}

std::vector<int> TraceFollower::doubtful_timers() const {
    std::vector<int> doubtful;
    for (const auto& [object, mini] : minis_) {
        if (mini.cancelled) doubtful.push_back(mini.socket);
    }
    for (const auto& [object, request] : requests_) {
        if (request.cancelled) doubtful.push_back(request.socket);
    }
    return doubtful;
}

void TraceFollower::answer_timer(int index, const std::optional<TableEntry>& entry) {
    if (const auto object = mini_of(index)) {
        const std::optional<Instant> cancelled = minis_.at(*object).cancelled;
        if (cancelled && !(entry && entry->mini_socket)) end_mini(*object, *cancelled, "descheduled");
        return;
    }
    if (entry && entry->state == TcpState::syn_rcvd) return;
    for (const auto& [object, request] : requests_) {
        if (request.socket == index && request.cancelled) return end_request(object, *request.cancelled);
    }
}

int64_t TraceFollower::contradictions(const std::string& host, const std::vector<TableEntry>& entries) const {
    std::map<Connection, TcpState> table;
    for (const TableEntry& entry : entries) {
        if (entry.remote) table[{host, entry.local, *entry.remote}] = entry.state;
    }
    int64_t wrong = 0;
    for (const Socket& socket : histories_.sockets()) {
        const TcpState state = histories_.state(socket.index);
        const std::optional<Connection> connection = histories_.connection(socket.index);
        if (socket.host != host || state == TcpState::closed || state == TcpState::listen || !connection) continue;
        const auto entry = table.find(*connection);
        if (entry == table.end() || entry->second != state) ++wrong;
        if (entry != table.end()) table.erase(entry);
    }
    return wrong + static_cast<int64_t>(table.size());
}

// --- what else tells of a socket ---

std::vector<std::string> TraceFollower::hosts_with_doubtful_listeners() const {
    std::vector<std::string> hosts;
    for (const auto& [index, began] : unproven_listeners_) {
        const std::string& host = histories_.socket(index).host;
        if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
    }
    return hosts;
}

void TraceFollower::answer_listeners(const std::string& host, const std::vector<TableEntry>& listeners) {
    for (auto unproven = unproven_listeners_.begin(); unproven != unproven_listeners_.end();) {
        const auto [index, began] = *unproven;
        const Socket& socket = histories_.socket(index);
        const uint64_t cookie = histories_.cookie(index);
        const bool proven = socket.host == host && std::any_of(listeners.begin(), listeners.end(), [&](const auto& entry) {
                                return cookie != 0 ? entry.cookie == cookie : entry.local == socket.local;
                            });
        unproven = proven ? unproven_listeners_.erase(unproven) : std::next(unproven);
        if (proven) histories_.change(index, began, TcpState::listen, {});
    }
}

// Only a segment shows the port that connect() chose (CLOSED to SYN_SENT comes before the choice), and the peer of a
// Fast Open child.
void TraceFollower::follow(const SegmentSeen& seen, Instant at) {
    const TcpSegment& segment = seen.segment;
    if (seen.direction != Direction::sent || !segment.has(tcp_flag::kSyn)) return;
    if (histories_.find({seen.host, segment.source, segment.destination})) return;
    if (segment.has(tcp_flag::kAck)) {
        for (auto child = children_.begin(); child != children_.end(); ++child) {
            if (child->second.host != seen.host || child->second.listener.port != segment.source.port) continue;
            if (child->second.made > at) continue;
            const int index = histories_.add(seen.host, segment.source, segment.destination);
            histories_.change(index, child->second.made, TcpState::syn_rcvd, {.from = TcpState::listen});
            objects_[child->first] = index;
            children_.erase(child);
            return;
        }
        return;
    }
    for (const Socket& socket : histories_.sockets()) {
        if (socket.host != seen.host || socket.local.port != 0 || socket.remote != segment.destination) continue;
        if (histories_.state(socket.index) != TcpState::syn_sent) continue;
        histories_.set_addresses(socket.index, segment.source, segment.destination);
        return;
    }
}

}  // namespace tcpwitness
