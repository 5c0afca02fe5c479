#include "observed_stage.hh"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hh"
#include "observers/monotonic_clock.hh"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

namespace tcpwitness {
namespace {

std::string name_of(Source source) {
    switch (source) {
        case Source::tracepoint:
            return "tracepoint";
        case Source::timer:
            return "timer";
        case Source::sock_diag:
            return "sock_diag";
        case Source::inferred:
            return "inferred";
    }
    return "?";
}

std::optional<SocketAddress> address_of(int socket, int (*get)(int, sockaddr*, socklen_t*)) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (get(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
    return SocketAddress::from_kernel(storage);
}

}  // namespace

ObservedStage::ObservedStage(ObserverOptions options, std::unique_ptr<StateTracer> tracer) : origin(read_monotonic_clock()) {
    const auto addresses = [](IpAddress (*of)(Family)) { return std::vector{of(Family::ipv4), of(Family::ipv6)}; };
    std::vector<ObservedHost> hosts{
        {&stage.client, addresses(TestStage::client_address), {"client0"}, true},
        {&stage.path, {}, {"path0", "path1"}, false},
        {&stage.server, addresses(TestStage::server_address), {"server0"}, true},
    };
    observers = std::make_unique<Observers>(
        hosts, options, origin, [this](Event event) { events.push_back(std::move(event)); },
        PreparedObservers{.tracer = std::move(tracer)});
}

bool ObservedStage::wait(const std::function<bool()>& done, Duration limit) {
    const Duration deadline = read_monotonic_clock() + limit;
    while (true) {
        observers->drain();
        if (done()) return true;
        Duration left = deadline - read_monotonic_clock();
        if (left <= Duration::zero()) return false;
        if (const auto look = observers->next_look()) left = std::min(left, origin + *look - read_monotonic_clock());
        std::vector<pollfd> waiting;
        for (const int descriptor : observers->descriptors()) waiting.push_back({descriptor, POLLIN, 0});
        const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(std::max(left, Duration::zero()));
        poll(waiting.data(), waiting.size(), static_cast<int>(milliseconds.count()));
    }
}

bool ObservedStage::wait_for(const std::string& host, const std::string& name, TcpState state, Duration limit) {
    const SocketQuery query{host, host, name, std::nullopt};
    return wait([&] { return observers->states(query) == std::vector{state}; }, limit);
}

void ObservedStage::tell(const std::string& host, const std::string& name, int socket) {
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    check_system(getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size), "getsockopt", "SO_COOKIE");
    observers->learn(host, host, name, cookie, address_of(socket, getsockname), address_of(socket, getpeername));
    observers->look();
}

FileDescriptor ObservedStage::socket(const std::string& host_name, const std::string& name, Family family) {
    const NamespaceGuard inside(host(host_name));
    const int domain = family == Family::ipv4 ? AF_INET : AF_INET6;
    FileDescriptor made(check_system(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", name));
    tell(host_name, name, made.get());
    return made;
}

FileDescriptor ObservedStage::listen(const std::string& name, Family family, uint16_t port) {
    FileDescriptor listener = socket("server", name, family);
    const int on = 1;
    check_system(setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt", name);
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{IpAddress::any(family), port}.to_kernel(storage);
    check_system(bind(listener.get(), reinterpret_cast<sockaddr*>(&storage), size), "bind", name);
    check_system(::listen(listener.get(), 8), "listen", name);
    tell("server", name, listener.get());
    return listener;
}

int ObservedStage::connect(const FileDescriptor& socket, Family family, uint16_t port) {
    sockaddr_storage storage{};
    const socklen_t size = SocketAddress{TestStage::server_address(family), port}.to_kernel(storage);
    return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&storage), size) == 0 ? 0 : errno;
}

FileDescriptor ObservedStage::accept(const FileDescriptor& listener, const std::string& name) {
    FileDescriptor accepted(check_system(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept", name));
    tell("server", name, accepted.get());
    return accepted;
}

int ObservedStage::index(const std::string& host_name, const std::string& name) const {
    int found = -1;
    for (const Socket& socket : observers->sockets()) {
        if (socket.host == host_name && socket.name == name) found = socket.index;
    }
    return found;
}

std::vector<Event> ObservedStage::changes(int socket) const {
    std::vector<Event> found;
    for (const Event& event : events) {
        const auto* change = std::get_if<StateChange>(&event.body);
        if (change != nullptr && change->socket == socket) found.push_back(event);
    }
    std::stable_sort(found.begin(), found.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
    return found;
}

namespace {

template <typename Text>
std::string joined(const std::vector<Event>& changes, const Text& text) {
    std::string line;
    for (const Event& event : changes) {
        const std::string word = text(std::get<StateChange>(event.body));
        if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    }
    return line;
}

}  // namespace

std::string ObservedStage::states(int socket) const {
    return joined(changes(socket), [](const StateChange& change) { return std::string(to_string(change.to)); });
}

std::string ObservedStage::states(const std::string& host_name, const std::string& name) const {
    return states(index(host_name, name));
}

std::string ObservedStage::sources(int socket) const {
    return joined(changes(socket), [](const StateChange& change) {
        return std::string(to_string(change.to)) + "(" + name_of(change.source) + ")";
    });
}

std::string ObservedStage::causes(const std::string& host_name, const std::string& name) const {
    return joined(changes(index(host_name, name)), [](const StateChange& change) { return change.cause; });
}

int ObservedStage::restarts(int socket) const {
    return static_cast<int>(std::count_if(events.begin(), events.end(), [socket](const Event& event) {
        const auto* restart = std::get_if<TimeWaitRestart>(&event.body);
        return restart != nullptr && restart->socket == socket;
    }));
}

int64_t ObservedStage::lost() const {
    int64_t count = 0;
    for (const Event& event : events) {
        if (const auto* lost = std::get_if<RecordsLost>(&event.body)) count += lost->count;
    }
    return count;
}

}  // namespace tcpwitness
