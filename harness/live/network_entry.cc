#include "live/network_entry.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

bool same_file(const std::string& a, const std::string& b) {
    struct stat first {};
    struct stat second {};
    check_system(stat(a.c_str(), &first), "stat", a);
    check_system(stat(b.c_str(), &second), "stat", b);
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

bool enter(const std::string& path, int kind) {
    const FileDescriptor file = open_file(path, O_RDONLY);
    if (setns(file.get(), kind) == 0) return true;
    if (errno == EPERM) return false;
    throw_system_error("setns", path);
}

[[noreturn]] void throw_not_allowed(const std::string& path) {
    throw SystemError("setns", path + ", which takes CAP_SYS_ADMIN there (sudo)", EPERM);
}

}  // namespace

void enter_network_of_process(pid_t process) {
    const std::string network = fmt::format("/proc/{}/ns/net", process);
    const std::string user = fmt::format("/proc/{}/ns/user", process);
    if (same_file(network, "/proc/self/ns/net") || enter(network, CLONE_NEWNET)) return;
    if (same_file(user, "/proc/self/ns/user") || !enter(user, CLONE_NEWUSER) || !enter(network, CLONE_NEWNET))
        throw_not_allowed(network);
}

void enter_network_of_file(const std::string& path) {
    if (!same_file(path, "/proc/self/ns/net") && !enter(path, CLONE_NEWNET)) throw_not_allowed(path);
}

}  // namespace tcpwitness
