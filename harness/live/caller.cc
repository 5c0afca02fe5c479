#include "live/caller.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cstdio>
#include <string>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

struct Status {
    unsigned file_system_user = 0;
    unsigned long long effective = 0;  // capabilities
};

Status status_of(pid_t process) {
    const std::string path = fmt::format("/proc/{}/status", process);
    const std::string text = read_file(path);
    Status status;
    const size_t user = text.find("\nUid:");
    const size_t capabilities = text.find("\nCapEff:");
    const bool read = user != std::string::npos && capabilities != std::string::npos &&
                      std::sscanf(text.c_str() + user, "\nUid: %*u %*u %*u %u", &status.file_system_user) == 1 &&
                      std::sscanf(text.c_str() + capabilities, "\nCapEff: %llx", &status.effective) == 1;
    if (!read) throw Error(path + ": no line Uid or CapEff");
    return status;
}

ino_t inode_of(const FileDescriptor& file) {
    struct stat status {};
    check_system(fstat(file.get(), &status), "fstat", "namespace");
    return status.st_ino;
}

// ns_capable(): capabilities count in the process's own user namespace and in those below it.
bool counts_here(pid_t process) {
    const ino_t own = inode_of(open_file(fmt::format("/proc/{}/ns/user", process), O_RDONLY));
    const FileDescriptor network = open_file("/proc/thread-self/ns/net", O_RDONLY);
    FileDescriptor above(ioctl(network.get(), NS_GET_USERNS));
    while (above) {
        if (inode_of(above) == own) return true;
        above = FileDescriptor(ioctl(above.get(), NS_GET_PARENT));
    }
    return false;  // the top was reached, or a user namespace outside the caller's own
}

}  // namespace

Caller caller_of(pid_t process) {
    const Status status = status_of(process);
    const bool capable = (status.effective >> CAP_NET_BIND_SERVICE & 1U) != 0;
    return {status.file_system_user, capable && counts_here(process)};
}

Caller caller_with_user(unsigned user) {
    return {user, user == 0};
}

}  // namespace tcpwitness
