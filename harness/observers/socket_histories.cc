#include "observers/socket_histories.hh"

#include <algorithm>

#include "base/condition.hh"

namespace tcpwitness {

int SocketHistories::add(const std::string& host, const SocketAddress& local, const std::optional<SocketAddress>& remote) {
    const int index = size();
    sockets_.push_back({.index = index, .host = host, .local = local, .remote = remote});
    states_.emplace_back();
    set_addresses(index, local, remote);
    return index;
}

int SocketHistories::add_successor(int index) {
    const Socket before = socket(index);
    const int successor = add(before.host, before.local, std::nullopt);
    sockets_.back().program = before.program;
    sockets_.back().name = before.name;
    set_cookie(successor, cookie(index));
    return successor;
}

void SocketHistories::change(int index, Instant at, TcpState to, const Cause& cause) {
    State& state = states_.at(static_cast<size_t>(index));
    if (state.now == to) return;
    events_.push_back({at, StateChange{index, cause.from.value_or(state.now), to, cause.source, cause.text}});
    state.now = to;
    state.entered.emplace_back(at, to);
    if (to != TcpState::closed) return make_findable(index);
    const auto known = connection(index);
    const auto live = known ? connections_.find(*known) : connections_.end();
    if (live != connections_.end() && live->second == index) connections_.erase(live);
}

void SocketHistories::restart_time_wait(int index, Instant at, Source source) {
    events_.push_back({at, TimeWaitRestart{index, source}});
}

void SocketHistories::set_addresses(int index, const SocketAddress& local, const std::optional<SocketAddress>& remote) {
    Socket& socket = sockets_.at(static_cast<size_t>(index));
    if (local.port != 0) socket.local.port = local.port;
    if (!local.ip.is_any() || socket.local.ip.is_any()) socket.local.ip = local.ip;
    if (remote && remote->port != 0) socket.remote = remote;
    make_findable(index);
}

void SocketHistories::replace_addresses(int index, const SocketAddress& local,
                                        const std::optional<SocketAddress>& remote) {
    Socket& socket = sockets_.at(static_cast<size_t>(index));
    socket.local = local;
    socket.remote = remote;
    make_findable(index);
}

// A connection that is over stays out.
void SocketHistories::make_findable(int index) {
    const State& state = states_.at(static_cast<size_t>(index));
    const auto known = connection(index);
    if (known && (state.now != TcpState::closed || state.entered.empty())) connections_[*known] = index;
}

void SocketHistories::set_cookie(int index, uint64_t cookie) {
    if (cookie == 0) return;
    states_.at(static_cast<size_t>(index)).cookie = cookie;
    cookies_[{socket(index).host, cookie}] = index;
}

int SocketHistories::learn(const std::string& host, const std::string& program, const std::string& name,
                           uint64_t cookie, const std::optional<SocketAddress>& local,
                           const std::optional<SocketAddress>& remote) {
    const auto plain = [](const std::optional<SocketAddress>& address) {
        return address ? std::optional(SocketAddress{address->ip.unmapped(), address->port}) : std::nullopt;
    };
    const SocketAddress own = plain(local).value_or(SocketAddress{});
    std::optional<int> index = cookie != 0 ? find_cookie(host, cookie) : std::nullopt;
    if (!index && remote) index = find_untold({host, own, *plain(remote)});
    if (!index) index = add(host, own, plain(remote));
    set_cookie(*index, cookie);
    set_addresses(*index, own, plain(remote));
    Socket& socket = sockets_.at(static_cast<size_t>(*index));
    socket.program = program;
    socket.name = name;
    return *index;
}

std::optional<int> SocketHistories::find_untold(const Connection& connection) const {
    for (int index = size() - 1; index >= 0; --index) {
        const Socket& known = socket(index);
        if (known.host == connection.host && known.local == connection.local && known.remote == connection.remote) {
            return known.program.empty() ? std::optional(index) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<Connection> SocketHistories::connection(int index) const {
    const Socket& known = socket(index);
    if (known.local.port == 0 || !known.remote || known.local.ip.is_any()) return std::nullopt;
    return Connection{known.host, known.local, *known.remote};
}

std::optional<int> SocketHistories::find(const Connection& connection) const {
    const auto found = connections_.find(connection);
    return found == connections_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int> SocketHistories::find_cookie(const std::string& host, uint64_t cookie) const {
    const auto found = cookies_.find({host, cookie});
    return found == cookies_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int> SocketHistories::find_port_owner(const Connection& connection) const {
    for (int index = size() - 1; index >= 0; --index) {
        const Socket& known = socket(index);
        if (known.host == connection.host && known.local.port == connection.local.port && !known.program.empty() &&
            !known.remote && !has_changed(index)) {
            return index;
        }
    }
    return std::nullopt;
}

std::vector<int> SocketHistories::select(const SocketQuery& query) const {
    std::vector<int> selected;
    for (const Socket& socket : sockets_) {
        if (!query.host.empty() && socket.host != query.host) continue;
        if (query.port) {
            if (is_port_meant(*query.port, socket.local.port)) selected.push_back(socket.index);
        } else if (socket.program == query.program && socket.name == query.name) {
            selected = {socket.index};
        }
    }
    return selected;
}

bool SocketHistories::entered(int index, TcpState state, Instant since) const {
    const auto& entered = states_.at(static_cast<size_t>(index)).entered;
    return std::any_of(entered.begin(), entered.end(),
                       [=](const auto& entry) { return entry.second == state && entry.first >= since; });
}

}  // namespace tcpwitness
