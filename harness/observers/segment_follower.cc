#include "observers/segment_follower.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// How soon to ask again when the answer contradicts the segments: the interface sees a segment before TCP does.
constexpr Duration kAskAgain = 1ms;
constexpr int kContradictions = 10;
// A mini-socket whose time is over ends with the next turn of the timer wheel, up to 4 s later.
constexpr Duration kOverdue = 10ms;
// Remaining times are whole milliseconds of jiffies (10 ms at HZ=100): what moves less did not begin again.
constexpr Duration kGrain = 12ms;
// How long the history of a connection that is over waits for a program to say whose it was.
constexpr Duration kNameWait = 500ms;

}  // namespace

TcpState SegmentFollower::believed(const Conversation& conversation) const {
    if (!conversation.steps.empty()) return conversation.steps.back().state;
    return conversation.socket ? histories_.state(*conversation.socket) : TcpState::closed;
}

void SegmentFollower::follow(const SegmentSeen& seen, Instant at) {
    const TcpSegment& segment = seen.segment;
    const bool sent = seen.direction == Direction::sent;
    if (!sent && !segment.checksum_good) return;
    const Connection connection = sent ? Connection{seen.host, segment.source, segment.destination}
                                       : Connection{seen.host, segment.destination, segment.source};
    const bool syn = segment.has(tcp_flag::kSyn);
    // The kernel answers a SYN at once or not at all: of several the latest is the one that is answered.
    if (syn && !sent && !segment.has(tcp_flag::kAck)) syns_.insert_or_assign(connection, std::pair(at, segment));
    auto found = conversations_.find(connection);
    // A connection begins with a SYN that its host sends. RSTs for connections that nobody has begin nothing.
    if (found == conversations_.end() && !(syn && sent)) return;
    if (found == conversations_.end()) found = conversations_.emplace(connection, Conversation{}).first;
    Conversation& conversation = found->second;
    if (syn && sent && believed(conversation) == TcpState::time_wait) begin_again(connection, conversation, at);
    const auto syn_arrived = syns_.find(connection);
    const bool answers = sent && syn && segment.has(tcp_flag::kAck) && syn_arrived != syns_.end();
    if (answers) conversation.reader.read(TcpState::closed, Direction::arrived, syn_arrived->second.second);
    for (const TcpState state : conversation.reader.read(believed(conversation), seen.direction, segment)) {
        // SYN_RCVD began when the SYN came.
        const bool began_earlier = answers && state == TcpState::syn_rcvd;
        conversation.steps.push_back({state, began_earlier ? syn_arrived->second.first : at});
    }
    if (answers) syns_.erase(syn_arrived);
    if (!sent) conversation.last_arrival = at;
    conversation.asked_for = true;
}

// A new SYN ended TIME_WAIT: the old connection's history ends, and another one has its addresses.
void SegmentFollower::begin_again(const Connection& connection, Conversation& conversation, Instant at) {
    if (identify(connection, conversation, 0, at)) {
        tell(conversation, conversation.steps.size(), Source::inferred);
        histories_.change(*conversation.socket, at, TcpState::closed, {.source = Source::inferred, .text = "descheduled"});
    }
    conversation = Conversation{};
}

std::vector<Connection> SegmentFollower::questions(Instant now) const {
    std::vector<Connection> asked;
    for (const auto& [connection, conversation] : conversations_) {
        if (conversation.asked_for || (conversation.due && *conversation.due <= now)) asked.push_back(connection);
    }
    return asked;
}

std::optional<Instant> SegmentFollower::next_look() const {
    std::optional<Instant> next;
    for (const auto& [connection, conversation] : conversations_) {
        if (conversation.due && (!next || *conversation.due < *next)) next = conversation.due;
    }
    return next;
}

// A socket that connects is known by its cookie before it has addresses. When it is gone before sock_diag could tell
// the cookie (a refused connect), the program's next word about it names its port.
bool SegmentFollower::waits_for_name(const Connection& connection) const {
    return std::any_of(histories_.sockets().begin(), histories_.sockets().end(), [&](const Socket& socket) {
        return socket.host == connection.host && !socket.name.empty() && !socket.remote &&
               histories_.state(socket.index) == TcpState::closed && !histories_.has_changed(socket.index);
    });
}

bool SegmentFollower::identify(const Connection& connection, Conversation& conversation, uint64_t cookie, Instant asked) {
    if (conversation.socket) return true;
    std::optional<int> index = cookie != 0 ? histories_.find_cookie(connection.host, cookie) : std::nullopt;
    const bool nameless = cookie == 0 && !conversation.steps.empty() &&
                          conversation.steps.front().state == TcpState::syn_sent;
    if (!index && nameless) index = histories_.find_port_owner(connection);
    if (!index && nameless && asked < conversation.steps.front().at + kNameWait && waits_for_name(connection)) {
        conversation.due = asked + kAskAgain;
        return false;
    }
    if (!index) index = histories_.add(connection.host, connection.local, connection.remote);
    conversation.socket = index;
    histories_.set_cookie(*index, cookie);
    histories_.replace_addresses(*index, connection.local, connection.remote);
    return true;
}

// Writes the first `count` steps into the history; the last of them was seen if `last` says so.
void SegmentFollower::tell(Conversation& conversation, size_t count, Source last) {
    for (size_t i = 0; i < count; ++i) {
        const SegmentReader::Step& step = conversation.steps[i];
        const bool passive = step.state == TcpState::syn_rcvd && !histories_.has_changed(*conversation.socket);
        histories_.change(*conversation.socket, step.at, step.state,
                          {.source = i + 1 == count ? last : Source::inferred,
                           .from = passive ? std::optional(TcpState::listen) : std::nullopt});
    }
    conversation.steps.erase(conversation.steps.begin(), conversation.steps.begin() + static_cast<ptrdiff_t>(count));
}

void SegmentFollower::answer(const Connection& connection, const std::optional<TableEntry>& entry, Instant asked) {
    const auto found = conversations_.find(connection);
    if (found == conversations_.end()) return;
    Conversation& conversation = found->second;
    conversation.asked_for = false;
    conversation.due.reset();
    if (!entry && conversation.steps.size() == 1 && conversation.steps.front().state == TcpState::syn_rcvd &&
        !conversation.socket) {
        // SYN cookies: the kernel answers the SYN and keeps nothing of it.
        conversation.steps.clear();
        return;
    }
    if (!identify(connection, conversation, entry ? entry->cookie : 0, asked)) return;
    if (entry) return answer_present(conversation, *entry, asked);
    if (!is_surely_over(conversation, asked)) return;
    answer_absent(conversation, asked);
    conversations_.erase(found);
}

// One answer is enough when the segments say the same; else sock_diag is to say it twice, some time apart.
bool SegmentFollower::is_surely_over(Conversation& conversation, Instant asked) {
    if (believed(conversation) == TcpState::closed) return true;
    if (conversation.missed && asked - *conversation.missed >= kAskAgain) return true;
    if (!conversation.missed) conversation.missed = asked;
    conversation.due = *conversation.missed + kAskAgain;
    return false;
}

void SegmentFollower::answer_present(Conversation& conversation, const TableEntry& entry, Instant asked) {
    conversation.missed.reset();
    const auto shown = std::find_if(conversation.steps.rbegin(), conversation.steps.rend(),
                                    [&](const auto& step) { return step.state == entry.state; });
    if (shown != conversation.steps.rend()) {
        tell(conversation, static_cast<size_t>(conversation.steps.rend() - shown), Source::sock_diag);
    } else if (histories_.state(*conversation.socket) != entry.state) {
        tell(conversation, conversation.steps.size(), Source::inferred);
        histories_.change(*conversation.socket, asked, entry.state, {.source = Source::sock_diag});
    }
    note_timer(conversation, entry, asked);
    if (conversation.steps.empty()) {
        conversation.contradictions = 0;
    } else {
        contradict(conversation, asked);
    }
}

// The segments say more than the kernel has done: it may be about to do it, or it dropped the segment.
void SegmentFollower::contradict(Conversation& conversation, Instant asked) {
    if (++conversation.contradictions > kContradictions) {
        conversation.steps.clear();
        conversation.contradictions = 0;
        return;
    }
    conversation.due = asked + kAskAgain;
}

void SegmentFollower::answer_absent(Conversation& conversation, Instant asked) {
    std::vector<SegmentReader::Step>& steps = conversation.steps;
    const int socket = *conversation.socket;
    // A TIME_WAIT that nobody saw and that is not there may never have been (tcp_max_tw_buckets).
    const auto unseen = [](const auto& step) { return step.state == TcpState::time_wait; };
    Instant at = conversation.missed.value_or(asked);
    if (!steps.empty() && (steps.back().state == TcpState::closed || unseen(steps.back()))) at = steps.back().at;
    const bool read = !steps.empty() && steps.back().state == TcpState::closed;
    if (read) steps.pop_back();
    std::erase_if(steps, unseen);
    tell(conversation, steps.size(), Source::inferred);
    std::string why;
    if (conversation.time_wait_end) why = asked + kGrain >= *conversation.time_wait_end ? "timer" : "descheduled";
    histories_.change(socket, at, TcpState::closed, {.source = Source::sock_diag, .text = why});
}

void SegmentFollower::note_timer(Conversation& conversation, const TableEntry& entry, Instant asked) {
    if (entry.timer) conversation.due = asked + std::max<Duration>(*entry.timer, kOverdue);
    if (!entry.mini_socket || !entry.timer) return;
    const Instant end = asked + *entry.timer;
    const bool again = entry.state == TcpState::time_wait && conversation.time_wait_end && conversation.in_time_wait &&
                       end > *conversation.time_wait_end + kGrain;
    if (again) histories_.restart_time_wait(*conversation.socket, conversation.last_arrival, Source::sock_diag);
    conversation.time_wait_end = end;
    conversation.in_time_wait = entry.state == TcpState::time_wait;
}

void SegmentFollower::answer_all(const std::string& host, const std::vector<TableEntry>& entries, Instant asked) {
    for (const TableEntry& entry : entries) {
        if (!entry.remote) {
            answer_listener(host, entry, asked);
            continue;
        }
        const Connection connection{host, entry.local, *entry.remote};
        conversations_.try_emplace(connection);
        answer(connection, entry, asked);
    }
    for (const Socket& socket : histories_.sockets()) {
        if (socket.host != host || histories_.state(socket.index) != TcpState::listen) continue;
        const bool there = std::any_of(entries.begin(), entries.end(), [&](const TableEntry& entry) {
            return entry.state == TcpState::listen && entry.cookie == histories_.cookie(socket.index);
        });
        if (!there) histories_.change(socket.index, asked, TcpState::closed, {.source = Source::sock_diag});
    }
    for (auto& [connection, conversation] : conversations_) {
        const auto same = [&connection = connection](const TableEntry& entry) {
            return entry.local == connection.local && entry.remote == connection.remote;
        };
        if (connection.host == host && std::none_of(entries.begin(), entries.end(), same)) conversation.asked_for = true;
    }
}

void SegmentFollower::answer_listener(const std::string& host, const TableEntry& entry, Instant asked) {
    if (entry.state != TcpState::listen) return;
    std::optional<int> index = histories_.find_cookie(host, entry.cookie);
    if (!index) index = histories_.add(host, entry.local, std::nullopt);
    histories_.set_cookie(*index, entry.cookie);
    histories_.set_addresses(*index, entry.local, std::nullopt);
    histories_.change(*index, asked, TcpState::listen, {.source = Source::sock_diag});
}

}  // namespace tcpwitness
