#include "observers/observers.hh"

#include <poll.h>
#include <sys/utsname.h>

#include <algorithm>
#include <list>
#include <thread>

#include "base/error.hh"
#include "base/tcp_info.hh"
#include "observers/flight.hh"
#include "observers/host_observer.hh"
#include "observers/segment_follower.hh"
#include "observers/trace_follower.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// How soon to look again when something is in the middle of changing.
constexpr Duration kSoon = 1ms;
// Rounds of one drain while more keeps coming.
constexpr int kRounds = 8;
// How long the state tracer and sock_diag may disagree: one of them can tell of a change a moment before the other.
constexpr Duration kMayDisagree = 200ms;

}  // namespace

class Observers::Implementation {
  public:
    Implementation(const std::vector<ObservedHost>& hosts, const ObserverOptions& options, Duration origin, Emit emit,
                   PreparedObservers prepared);
    ~Implementation();

    std::vector<int> descriptors() const;
    void drain();
    void compare_with_table();
    void look();
    std::optional<Instant> next_look() const;
    std::optional<int64_t> tcp_info(int socket, const std::string& field);
    std::vector<SocketLeft> sockets_left();
    HostObserver& host(const std::string& name);

    Instant now() const { return read_monotonic_clock() - origin_; }
    bool exact() const { return tracer_ != nullptr; }

    std::list<HostObserver> hosts_;
    SocketHistories histories_;
    Flight flight_;
    std::string tracer_refusal_;

  private:
    struct Observation {
        Instant at{};
        std::optional<Trace> trace;  // else the event
        Event event;
    };

    void attach_tracer(const ObserverOptions& options);
    bool collect();
    void take_losses();
    void follow(const Observation& observation);
    bool ask();
    void ask_about_traces();
    void emit_events();

    Duration origin_;
    Emit emit_;
    FileDescriptor packet_stamps_;  // open, so that packets are stamped
    std::unique_ptr<StateTracer> tracer_;
    TraceFollower traces_{histories_};
    SegmentFollower segments_{histories_};
    std::vector<Observation> waiting_;  // seen after the present round began
    std::vector<Event> events_;
};

Observers::Implementation::Implementation(const std::vector<ObservedHost>& hosts, const ObserverOptions& options,
                                          Duration origin, Emit emit, PreparedObservers prepared)
    : origin_(origin), emit_(std::move(emit)), packet_stamps_(std::move(prepared.packet_stamps)),
      tracer_(std::move(prepared.tracer)) {
    for (const ObservedHost& host : hosts) hosts_.emplace_back(host, origin);
    attach_tracer(options);
    if (!packet_stamps_) packet_stamps_ = keep_packet_stamps();
    for (HostObserver& host : hosts_) host.begin();
}

// Each capture that closes waits for an RCU grace period; they wait side by side.
Observers::Implementation::~Implementation() {
    std::vector<std::jthread> closing;
    for (HostObserver& host : hosts_) {
        if (host.descriptor()) closing.emplace_back([&host] { host.stop_capture(); });
    }
}

void Observers::Implementation::attach_tracer(const ObserverOptions& options) {
    if (!options.state_tracer) tracer_.reset();
    if (!options.state_tracer) return;
    try {
        if (!tracer_) tracer_ = std::make_unique<StateTracer>();
        for (HostObserver& host : hosts_) {
            if (host.table() != nullptr) tracer_->watch(host.inode());
        }
    } catch (const Error& error) {
        tracer_.reset();
        tracer_refusal_ = error.what();
    }
}

HostObserver& Observers::Implementation::host(const std::string& name) {
    for (HostObserver& host : hosts_) {
        if (host.name() == name) return host;
    }
    throw Error("no host " + name + " is observed");
}

std::vector<int> Observers::Implementation::descriptors() const {
    std::vector<int> descriptors;
    if (tracer_) descriptors.push_back(tracer_->descriptor());
    for (const HostObserver& host : hosts_) {
        if (const auto descriptor = host.descriptor()) descriptors.push_back(*descriptor);
    }
    return descriptors;
}

// One round: everything that happened before it began is followed, in order of time, across all observers. What happened
// later waits for the next round, because another observer's earlier observations may not have been read yet.
// True when there is something to follow in another round.
bool Observers::Implementation::collect() {
    const Instant began = now();
    std::vector<Observation> seen = std::exchange(waiting_, {});
    for (HostObserver& host : hosts_) {
        host.drain([&seen](Event event) { seen.push_back({event.at, std::nullopt, std::move(event)}); });
    }
    if (tracer_) {
        tracer_->drain([&](const trace_record& record) {
            for (const HostObserver& host : hosts_) {
                if (host.inode() != record.network_namespace) continue;
                Trace trace = trace_of(record, host.name(), origin_);
                seen.push_back({trace.at, std::move(trace), {}});
            }
        });
    }
    std::stable_sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    for (Observation& observation : seen) {
        if (observation.at > began) {
            waiting_.push_back(std::move(observation));
        } else {
            follow(observation);
        }
    }
    return !waiting_.empty();
}

void Observers::Implementation::follow(const Observation& observation) {
    if (observation.trace) return traces_.follow(*observation.trace);
    if (const auto* segment = std::get_if<SegmentSeen>(&observation.event.body)) {
        flight_.note(*segment);
        if (exact()) {
            traces_.follow(*segment, observation.at);
        } else {
            segments_.follow(*segment, observation.at);
        }
    }
    events_.push_back(observation.event);
}

void Observers::Implementation::take_losses() {
    const auto note = [this](const std::string& observer, int64_t count) {
        if (count != 0) events_.push_back({now(), RecordsLost{observer, count}});
    };
    if (tracer_) note("state tracer", tracer_->take_lost() + traces_.take_missing());
    for (HostObserver& host : hosts_) note("packet capture at " + host.name(), host.take_lost());
}

void Observers::Implementation::ask_about_traces() {
    for (const int index : traces_.doubtful_timers()) {
        const auto connection = histories_.connection(index);
        SocketTable* table = connection ? host(connection->host).table() : nullptr;
        if (table != nullptr) traces_.answer_timer(index, table->find(connection->local, connection->remote));
    }
    for (const std::string& name : traces_.hosts_with_doubtful_listeners()) {
        traces_.answer_listeners(name, host(name).table()->listeners());
    }
}

// True when sock_diag was asked.
bool Observers::Implementation::ask() {
    const std::vector<Connection> questions = segments_.questions(now());
    for (const Connection& connection : questions) {
        const Instant asked = now();
        segments_.answer(connection, host(connection.host).table()->find(connection.local, connection.remote), asked);
    }
    return !questions.empty();
}

void Observers::Implementation::drain() {
    for (int round = 0; round < kRounds && collect(); ++round) continue;
    if (exact()) {
        ask_about_traces();
    } else if (ask()) {
        // The answers may show what the next segments explain.
        collect();
    }
    take_losses();
    emit_events();
}

void Observers::Implementation::compare_with_table() {
    if (!exact()) return drain();
    const Instant deadline = now() + kMayDisagree;
    int64_t missing = 0;
    do {
        drain();
        missing = 0;
        for (HostObserver& host : hosts_) {
            if (host.table() != nullptr) missing += traces_.contradictions(host.name(), host.table()->all());
        }
        if (missing == 0) break;
        pollfd more{tracer_->descriptor(), POLLIN, 0};
        poll(&more, 1, 1);
    } while (now() < deadline);
    if (missing == 0) return;
    events_.push_back({now(), RecordsLost{"state tracer", missing}});
    emit_events();
}

void Observers::Implementation::emit_events() {
    for (Event& event : histories_.take_events()) events_.push_back(std::move(event));
    std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    for (Event& event : std::exchange(events_, {})) emit_(std::move(event));
}

void Observers::Implementation::look() {
    drain();
    if (exact()) return;
    for (HostObserver& host : hosts_) {
        if (host.table() == nullptr) continue;
        const Instant asked = now();
        segments_.answer_all(host.name(), host.table()->all(), asked);
    }
    drain();
}

std::optional<Instant> Observers::Implementation::next_look() const {
    if (!exact()) return segments_.next_look();
    const bool doubtful = !waiting_.empty() || !traces_.doubtful_timers().empty() ||
                          !traces_.hosts_with_doubtful_listeners().empty();
    return doubtful ? std::optional(now() + kSoon) : std::nullopt;
}

std::optional<int64_t> Observers::Implementation::tcp_info(int socket, const std::string& field) {
    const Socket& known = histories_.socket(socket);
    SocketTable* table = host(known.host).table();
    std::optional<TableEntry> entry;
    if (const auto connection = histories_.connection(socket)) {
        entry = table->find(connection->local, connection->remote, true);
    } else if (known.local.port != 0) {
        for (TableEntry& listener : table->listeners(true)) {
            if (listener.local == known.local) entry = std::move(listener);
        }
    }
    if (!entry || entry->tcp_info.empty()) return std::nullopt;
    const auto value = tcp_info_field(entry->tcp_info, field);
    if (!value) throw Error("this kernel has no tcp_info." + field);
    return value;
}

std::vector<SocketLeft> Observers::Implementation::sockets_left() {
    std::vector<SocketLeft> left;
    for (HostObserver& host : hosts_) {
        if (host.table() == nullptr) continue;
        for (const TableEntry& entry : host.table()->all()) {
            std::optional<int> socket = histories_.find_cookie(host.name(), entry.cookie);
            if (!socket && entry.remote) socket = histories_.find({host.name(), entry.local, *entry.remote});
            left.push_back({host.name(), entry.state, entry.local, entry.remote, entry.timer,
                            socket ? histories_.socket(*socket).program : std::string()});
        }
    }
    return left;
}

// --- the facade ---

Observers::Observers(std::vector<ObservedHost> hosts, const ObserverOptions& options, Duration origin, Emit emit,
                     PreparedObservers prepared)
    : implementation_(std::make_unique<Implementation>(hosts, options, origin, std::move(emit), std::move(prepared))) {}

Observers::~Observers() = default;

std::vector<int> Observers::descriptors() const {
    return implementation_->descriptors();
}

void Observers::drain() {
    implementation_->drain();
}

std::optional<Instant> Observers::next_look() const {
    return implementation_->next_look();
}

void Observers::learn(const std::string& host, const std::string& program, const std::string& name, uint64_t cookie,
                      const std::optional<SocketAddress>& local, const std::optional<SocketAddress>& remote) {
    implementation_->drain();
    implementation_->histories_.learn(host, program, name, cookie, local, remote);
}

void Observers::look() {
    implementation_->look();
}

std::vector<TcpState> Observers::states(const SocketQuery& query) {
    if (!implementation_->exact()) implementation_->look();
    std::vector<TcpState> states;
    for (const int socket : implementation_->histories_.select(query)) {
        states.push_back(implementation_->histories_.state(socket));
    }
    return states;
}

bool Observers::entered(const SocketQuery& query, TcpState state, Instant since) const {
    const SocketHistories& histories = implementation_->histories_;
    const std::vector<int> sockets = histories.select(query);
    return std::any_of(sockets.begin(), sockets.end(),
                       [&](int socket) { return histories.entered(socket, state, since); });
}

std::optional<int64_t> Observers::tcp_info(const SocketQuery& query, const std::string& field) {
    const std::vector<int> sockets = implementation_->histories_.select(query);
    for (auto socket = sockets.rbegin(); socket != sockets.rend(); ++socket) {
        if (const auto value = implementation_->tcp_info(*socket, field)) return value;
    }
    return std::nullopt;
}

int64_t Observers::counter(const std::string& host, const std::string& name) {
    const Counters::Values values = implementation_->host(host).counters().changes();
    const auto value = values.find(name);
    return value == values.end() ? 0 : value->second;
}

const std::vector<Socket>& Observers::sockets() const {
    return implementation_->histories_.sockets();
}

Observed Observers::observed() const {
    utsname name{};
    check_system(uname(&name), "uname", "");
    Observed observed{.kernel = name.release};
    observed.exact_states = observed.exact_time_wait = implementation_->exact();
    if (implementation_->exact()) observed.observers = {"raw_tp", "timer", "kfree_skb"};
    for (const char* observer : {"sock_diag", "capture", "counters"}) observed.observers.emplace_back(observer);
    return observed;
}

const std::string& Observers::tracer_refusal() const {
    return implementation_->tracer_refusal_;
}

void Observers::compare_with_table() {
    implementation_->compare_with_table();
}

std::vector<SocketLeft> Observers::sockets_left() {
    return implementation_->sockets_left();
}

std::map<std::string, std::map<std::string, int64_t>> Observers::counters() {
    std::map<std::string, std::map<std::string, int64_t>> counters;
    for (HostObserver& host : implementation_->hosts_) counters[host.name()] = host.counters().changes();
    return counters;
}

int64_t Observers::waiting_for_accept(const std::string& host) {
    HostObserver& asked = implementation_->host(host);
    int64_t waiting = 0;
    for (const TableEntry& entry : asked.table()->listeners(true)) {
        const std::optional<int> socket = implementation_->histories_.find_cookie(host, entry.cookie);
        if (socket && !implementation_->histories_.socket(*socket).program.empty()) continue;
        waiting += tcp_info_field(entry.tcp_info, "unacked").value_or(0);
    }
    return waiting;
}

size_t Observers::segments_in_flight() const {
    return implementation_->flight_.size();
}

}  // namespace tcpwitness
