#include "stage.hh"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "base/error.hh"

namespace tcpwitness {
namespace {

IpAddress ip(const char* text) {
    return *IpAddress::parse(text);
}

std::multiset<std::string> open_descriptors() {
    std::multiset<std::string> open;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the iterator's own descriptor
        std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
        if (!gone) open.insert(target.starts_with("/proc/") ? "/proc" : target);
    }
    return open;
}

std::set<std::string> own_links() {
    std::set<std::string> links;
    struct if_nameindex* list = if_nameindex();
    for (const struct if_nameindex* link = list; link->if_index != 0; ++link) links.insert(link->if_name);
    if_freenameindex(list);
    return links;
}

uint64_t own_namespace() {
    struct stat status {};
    check_system(stat("/proc/thread-self/ns/net", &status), "stat", "/proc/thread-self/ns/net");
    return status.st_ino;
}

}  // namespace

void KernelTest::SetUp() {
    descriptors_ = open_descriptors();
    links_ = own_links();
    namespace_ = own_namespace();
}

void KernelTest::TearDown() {
    EXPECT_EQ(open_descriptors(), descriptors_);
    EXPECT_EQ(own_links(), links_);
    EXPECT_EQ(own_namespace(), namespace_);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

IpAddress TestStage::client_address(Family family) {
    return family == Family::ipv4 ? ip("10.0.1.1") : ip("fd00:1::1");
}

IpAddress TestStage::server_address(Family family) {
    return family == Family::ipv4 ? ip("10.0.2.1") : ip("fd00:2::1");
}

Wiring TestStage::wiring() const {
    Wiring wiring;
    wiring.wires = {
        {{&client, "client0", "02:00:00:00:01:01", {{ip("10.0.1.1"), 24}, {ip("fd00:1::1"), 64}}},
         {&path, "path0", "02:00:00:00:01:02", {{ip("10.0.1.2"), 24}, {ip("fd00:1::2"), 64}}},
         1500},
        {{&server, "server0", "02:00:00:00:02:01", {{ip("10.0.2.1"), 24}, {ip("fd00:2::1"), 64}}},
         {&path, "path1", "02:00:00:00:02:02", {{ip("10.0.2.2"), 24}, {ip("fd00:2::2"), 64}}},
         1500},
    };
    wiring.routes = {
        {&client, {ip("10.0.2.0"), 24}, ip("10.0.1.2")},
        {&client, {ip("fd00:2::"), 64}, ip("fd00:1::2")},
        {&server, {ip("10.0.1.0"), 24}, ip("10.0.2.2")},
        {&server, {ip("fd00:1::"), 64}, ip("fd00:2::2")},
    };
    const std::vector<std::pair<std::string, std::string>> forwards{
        {"net.ipv4.ip_forward", "1"}, {"net.ipv6.conf.all.forwarding", "1"}, {"net.ipv4.conf.path1.rp_filter", "0"}};
    wiring.hosts = {
        {&client, {{"net.ipv4.ip_forward", "0"}}}, {&path, forwards}, {&server, {{"net.ipv4.ip_forward", "0"}}}};
    return wiring;
}

TestStage::TestStage() {
    build_wiring(wiring());
}

namespace {

FileDescriptor tcp_socket(const NetworkNamespace& host, Family family) {
    const NamespaceGuard guard(host);
    const int domain = family == Family::ipv4 ? AF_INET : AF_INET6;
    return FileDescriptor(check_system(socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", host.name()));
}

}  // namespace

FileDescriptor listening_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port) {
    FileDescriptor listener = tcp_socket(host, address.family);
    sockaddr_storage storage{};
    const SocketAddress name{address, port};
    const socklen_t length = name.to_kernel(storage);
    check_system(bind(listener.get(), reinterpret_cast<sockaddr*>(&storage), length), "bind", to_string(name));
    check_system(listen(listener.get(), 16), "listen", to_string(name));
    return listener;
}

FileDescriptor connected_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port) {
    FileDescriptor client = tcp_socket(host, address.family);
    sockaddr_storage storage{};
    const SocketAddress name{address, port};
    const socklen_t length = name.to_kernel(storage);
    check_system(connect(client.get(), reinterpret_cast<sockaddr*>(&storage), length), "connect", to_string(name));
    return client;
}

FileDescriptor connecting_socket(const NetworkNamespace& host, const IpAddress& address, uint16_t port) {
    FileDescriptor client = tcp_socket(host, address.family);
    check_system(fcntl(client.get(), F_SETFL, O_NONBLOCK), "fcntl", "O_NONBLOCK");
    sockaddr_storage storage{};
    const SocketAddress name{address, port};
    const socklen_t length = name.to_kernel(storage);
    if (::connect(client.get(), reinterpret_cast<sockaddr*>(&storage), length) < 0 && errno != EINPROGRESS)
        throw_system_error("connect", to_string(name));
    return client;
}

FileDescriptor accepted_socket(const FileDescriptor& listener) {
    return FileDescriptor(check_system(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept", ""));
}

int64_t snmp6_counter(const NetworkNamespace& host, const std::string& name) {
    const NamespaceGuard guard(host);
    std::istringstream lines(read_file("/proc/thread-self/net/snmp6"));
    std::string key;
    int64_t value = 0;
    while (lines >> key >> value) {
        if (key == name) return value;
    }
    throw Error("no counter " + name);
}

int retransmissions(const FileDescriptor& socket) {
    tcp_info info{};
    socklen_t length = sizeof info;
    check_system(getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &length), "getsockopt", "TCP_INFO");
    return static_cast<int>(info.tcpi_total_retrans);
}

}  // namespace tcpwitness
