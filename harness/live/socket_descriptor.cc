#include "live/socket_descriptor.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/error.hh"
#include "base/file_descriptor.hh"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace tcpwitness {
namespace {

// A copy of a descriptor of another process, when it still is the socket with this inode.
FileDescriptor copy_of(const SocketOwner& owner, uint64_t inode) {
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, owner.process, 0)));
    if (!process) return {};
    FileDescriptor copy(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), owner.descriptor, 0)));
    struct stat status {};
    if (!copy || fstat(copy.get(), &status) != 0 || status.st_ino != inode) return {};
    return copy;
}

template <typename Value>
std::optional<Value> option_of(int socket, int level, int name) {
    Value value{};
    socklen_t length = sizeof value;
    if (getsockopt(socket, level, name, &value, &length) != 0) return std::nullopt;
    return value;
}

std::optional<bool> is_on(int socket, int level, int name) {
    const std::optional<int> value = option_of<int>(socket, level, name);
    if (!value) return std::nullopt;
    return *value != 0;
}

Family family_of(int socket) {
    return option_of<int>(socket, SOL_SOCKET, SO_DOMAIN) == AF_INET6 ? Family::ipv6 : Family::ipv4;
}

BindOptions read_options(int socket) {
    return {is_on(socket, SOL_SOCKET, SO_REUSEADDR), is_on(socket, SOL_SOCKET, SO_REUSEPORT),
            family_of(socket) == Family::ipv6 ? is_on(socket, IPPROTO_IPV6, IPV6_V6ONLY) : std::optional(false)};
}

// The kernel's name of the socket's protocol (since 3.7, for whoever may look at the descriptor).
bool is_tcp(const SocketOwner& owner) {
    std::array<char, 32> name{};
    const std::string path = fmt::format("/proc/{}/fd/{}", owner.process, owner.descriptor);
    const ssize_t length = getxattr(path.c_str(), "system.sockprotoname", name.data(), name.size());
    const std::string_view text(name.data());
    return length > 0 && (text == "TCP" || text == "TCPv6");
}

std::optional<ino_t> inode_of(int file) {
    struct stat status {};
    if (fstat(file, &status) != 0) return std::nullopt;
    return status.st_ino;
}

// Sockets belong to the namespace that they were made in, wherever their process is now. Kernels before 5.14 have no
// cookie of it; they tell the namespace itself to its administrator. Nothing when neither can be had.
std::optional<bool> is_in_this_namespace(int socket) {
    if (const auto there = option_of<uint64_t>(socket, SOL_SOCKET, SO_NETNS_COOKIE)) {
        const FileDescriptor own(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        return there == option_of<uint64_t>(own.get(), SOL_SOCKET, SO_NETNS_COOKIE);
    }
    const FileDescriptor there(ioctl(socket, SIOCGSKNS));
    const FileDescriptor here(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!there || !here) return std::nullopt;
    return inode_of(there.get()) == inode_of(here.get());
}

SocketAddress local_address_of(int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
    return SocketAddress::from_kernel(storage);
}

bool is_closed(int socket) {
    const std::optional<tcp_info> info = option_of<tcp_info>(socket, IPPROTO_TCP, TCP_INFO);
    return info && info->tcpi_state == TCP_CLOSE;
}

}  // namespace

std::optional<BindOptions> options_of(const std::vector<SocketOwner>& owners, uint64_t inode) {
    for (const SocketOwner& owner : owners) {
        if (const FileDescriptor copy = copy_of(owner, inode)) return read_options(copy.get());
    }
    return std::nullopt;
}

IdleSocket look_for_idle(const SocketOwner& owner, uint64_t inode, uint16_t port) {
    if (!is_tcp(owner)) return {};
    const FileDescriptor copy = copy_of(owner, inode);
    if (!copy) return {.sight = Sight::hidden};
    const SocketAddress local = local_address_of(copy.get());
    if (local.port != port || !is_closed(copy.get())) return {};
    const std::optional<bool> here = is_in_this_namespace(copy.get());
    if (!here) return {.sight = Sight::hidden};
    if (!*here) return {};
    struct stat status {};
    check_system(fstat(copy.get(), &status), "fstat", "socket");
    HeldSocket held{.family = family_of(copy.get()), .local = local, .user = status.st_uid, .inode = inode};
    held.options = read_options(copy.get());
    held.owners = {owner};
    return {Sight::idle, std::move(held)};
}

}  // namespace tcpwitness
