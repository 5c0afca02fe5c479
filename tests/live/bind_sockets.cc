#include "bind_sockets.hh"

#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/error.hh"
#include "network/route_message.hh"
#include "network/sysctl.hh"

namespace tcpwitness {
namespace {

IpAddress parsed(const char* text) {
    return *IpAddress::parse(text);
}

int state_of(const FileDescriptor& socket) {
    tcp_info info{};
    socklen_t length = sizeof info;
    check_system(getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &length), "getsockopt", "TCP_INFO");
    return info.tcpi_state;
}

// What a FIN does to the other end is done when the packet has gone through the loopback queue: at once, or nearly. Its ACK
// may take 40 ms; in a guest a pause costs less than asking all that time.
void await_state(const FileDescriptor& socket, int state) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (state_of(socket) != state) {
        if (std::chrono::steady_clock::now() > deadline) throw Error("the state did not come");
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

void set(const FileDescriptor& socket, int level, int option, bool value) {
    const int number = value ? 1 : 0;
    check_system(setsockopt(socket.get(), level, option, &number, sizeof number), "setsockopt", std::to_string(option));
}

FileDescriptor connect_to(const IpAddress& address, uint16_t port) {
    const int domain = address.family == Family::ipv4 ? AF_INET : AF_INET6;
    FileDescriptor client(check_system(socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", "client"));
    sockaddr_storage storage{};
    const socklen_t length = SocketAddress{address, port}.to_kernel(storage);
    check_system(connect(client.get(), reinterpret_cast<sockaddr*>(&storage), length), "connect", to_string(address));
    return client;
}

// The accepted socket is brought to `state`, with the client at the other end.
void bring_to(TcpState state, FileDescriptor& accepted, FileDescriptor& client) {
    if (state == TcpState::fin_wait_2) {
        shutdown(accepted.get(), SHUT_WR);
        await_state(accepted, TCP_FIN_WAIT2);
    } else if (state == TcpState::close_wait) {
        shutdown(client.get(), SHUT_WR);
        await_state(accepted, TCP_CLOSE_WAIT);
    } else if (state == TcpState::time_wait) {
        accepted.reset();
        await_state(client, TCP_CLOSE_WAIT);
        shutdown(client.get(), SHUT_WR);
        await_state(client, TCP_CLOSE);  // its FIN was acknowledged
        client.reset();
    }
}

}  // namespace

LoopbackHost::LoopbackHost() : inside_(network_) {
    const int index = static_cast<int>(if_nametoindex("lo"));
    network_.route_socket().request(link_flags_message(index, "lo", IFF_UP, IFF_UP));
    network_.route_socket().request(address_message(Change::add, index, "lo", parsed("fd00::1"), 128));
    // A machine with little memory keeps too few for a test that leaves many.
    set_sysctl(network_, "net.ipv4.tcp_max_tw_buckets", "4096");
}

const std::vector<BoundTo>& bound_addresses() {
    static const std::vector<BoundTo> kAddresses{
        {"0.0.0.0", Family::ipv4, parsed("0.0.0.0"), false, parsed("127.0.0.1")},
        {"127.0.0.1", Family::ipv4, parsed("127.0.0.1"), false, parsed("127.0.0.1")},
        {"127.0.0.2", Family::ipv4, parsed("127.0.0.2"), false, parsed("127.0.0.2")},
        {":: dual, reached by IPv6", Family::ipv6, parsed("::"), false, parsed("::1")},
        {":: dual, reached by IPv4", Family::ipv6, parsed("::"), false, parsed("127.0.0.1")},
        {":: V6ONLY", Family::ipv6, parsed("::"), true, parsed("::1")},
        {"::1", Family::ipv6, parsed("::1"), false, parsed("::1")},
        {"fd00::1", Family::ipv6, parsed("fd00::1"), false, parsed("fd00::1")},
        {"::ffff:127.0.0.1", Family::ipv6, parsed("::ffff:127.0.0.1"), false, parsed("127.0.0.1")},
        {"::ffff:0.0.0.0", Family::ipv6, parsed("::ffff:0.0.0.0"), false, parsed("127.0.0.1")},
    };
    return kAddresses;
}

std::string to_string(const Options& options) {
    return std::string(options.reuse_address ? " SO_REUSEADDR" : "") + (options.reuse_port ? " SO_REUSEPORT" : "");
}

FileDescriptor make_socket(const BoundTo& where, const Options& options) {
    const int domain = where.family == Family::ipv4 ? AF_INET : AF_INET6;
    FileDescriptor made(check_system(socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", where.name));
    if (domain == AF_INET6) set(made, IPPROTO_IPV6, IPV6_V6ONLY, where.v6_only);
    set(made, SOL_SOCKET, SO_REUSEADDR, options.reuse_address);
    set(made, SOL_SOCKET, SO_REUSEPORT, options.reuse_port);
    return made;
}

int try_bind(const FileDescriptor& socket, const IpAddress& address, uint16_t port) {
    sockaddr_storage storage{};
    const socklen_t length = SocketAddress{address, port}.to_kernel(storage);
    return bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), length) == 0 ? 0 : errno;
}

OldSocket make_old_socket(TcpState state, const BoundTo& where, const Options& options, uint16_t port) {
    OldSocket old;
    FileDescriptor first = make_socket(where, options);
    if (const int error = try_bind(first, where.ip, port)) throw SystemError("bind", where.name, error);
    if (state != TcpState::closed) check_system(listen(first.get(), 8), "listen", where.name);
    if (state == TcpState::closed || state == TcpState::listen) {
        old.kept.push_back(std::move(first));
        return old;
    }
    FileDescriptor client = connect_to(where.peer, port);
    FileDescriptor accepted(check_system(accept4(first.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept", where.name));
    first.reset();
    bring_to(state, accepted, client);
    old.kept.push_back(std::move(accepted));
    old.kept.push_back(std::move(client));
    return old;
}

}  // namespace tcpwitness
