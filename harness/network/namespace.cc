#include "network/namespace.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/error.hh"
#include "network/netlink.hh"

namespace tcpwitness {
namespace {

// thread-self, not self: namespaces belong to threads.
constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";

void go_back(const FileDescriptor& before) {
    if (setns(before.get(), CLONE_NEWNET) == 0) return;
    std::perror("tcpwitness: setns back to the own network namespace");
    std::abort();
}

// Goes back at the end of its scope; unlike NamespaceGuard it does not itself go anywhere.
struct Return {
    FileDescriptor before = open_file(kOwnNamespace, O_RDONLY);
    ~Return() { go_back(before); }
};

// A map that says: the caller is root inside. The only one that a process without privileges may write.
void write_id_map(const std::string& path, unsigned outside) {
    const FileDescriptor file = open_file(path, O_WRONLY);
    const std::string line = fmt::format("0 {} 1", outside);
    check_system(write(file.get(), line.data(), line.size()), "write '" + line + "' to", path);
}

void enter_user_namespace() {
    const unsigned user = geteuid();
    const unsigned group = getegid();
    check_system(unshare(CLONE_NEWUSER), "unshare", "CLONE_NEWUSER");
    // user_namespaces(7): without privileges gid_map may be written only after setgroups was given up.
    write_file("/proc/self/setgroups", "deny");
    write_id_map("/proc/self/uid_map", user);
    write_id_map("/proc/self/gid_map", group);
}

}  // namespace

NetworkNamespace::NetworkNamespace(std::string name) : name_(std::move(name)) {
    const Return back;
    check_system(unshare(CLONE_NEWNET), "unshare CLONE_NEWNET", name_);
    descriptor_ = open_file(kOwnNamespace, O_RDONLY);
    struct stat status {};
    check_system(fstat(descriptor_.get(), &status), "fstat", kOwnNamespace);
    inode_ = status.st_ino;
    route_socket_ = std::make_unique<NetlinkSocket>();
}

NetworkNamespace::~NetworkNamespace() = default;
NetworkNamespace::NetworkNamespace(NetworkNamespace&&) noexcept = default;
NetworkNamespace& NetworkNamespace::operator=(NetworkNamespace&&) noexcept = default;

NamespaceGuard::NamespaceGuard(int namespace_descriptor) : before_(open_file(kOwnNamespace, O_RDONLY)) {
    check_system(setns(namespace_descriptor, CLONE_NEWNET), "setns",
                 fmt::format("network namespace, descriptor {}", namespace_descriptor));
}

NamespaceGuard::~NamespaceGuard() {
    go_back(before_);
}

void enter_private_namespaces(bool make_user_namespace) {
    if (make_user_namespace) enter_user_namespace();
    check_system(unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET), "unshare",
                 "CLONE_NEWNS CLONE_NEWPID CLONE_NEWNET");
    // Otherwise the worker's mounts would spread to the user's own mount namespace.
    check_system(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount MS_PRIVATE", "/");
}

bool mount_private_proc() {
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0) return true;
    if (errno == EPERM) return false;
    throw_system_error("mount proc", "/proc");
}

}  // namespace tcpwitness
