#include "network/sysctl.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/error.hh"
#include "base/sysctl_key.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kRoot = "/proc/sys/";

std::string path_of(const std::string& key) {
    const std::filesystem::path relative = swap_dots_and_slashes(key);
    for (const std::filesystem::path& part : relative) {
        if (part.empty() || part == "." || part == ".." || part == "/") throw Error("not a sysctl key: '" + key + "'");
    }
    if (*relative.begin() != "net")
        throw Unsupported(fmt::format("sysctl {} is one setting for the whole machine", key));
    return std::string(kRoot) + relative.string();
}

// Opens a key in the namespace that the thread is in: /proc/sys/net shows every task the settings of its own.
FileDescriptor open_key(const std::string& key, int flags) {
    const std::string path = path_of(key);
    const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor >= 0) return FileDescriptor(descriptor);
    switch (errno) {
        case ENOENT:
        case ENOTDIR:
            throw Unsupported(
                fmt::format("sysctl {}: this kernel has no such setting in a network namespace (none at all, or one "
                            "for the whole machine)",
                            key));
        case EACCES:
        case EPERM:
            throw Unsupported(fmt::format("sysctl {}: {} for this user in a network namespace: {}", key,
                                          flags == O_RDONLY ? "not readable" : "read-only", strerrordesc_np(errno)));
        case EROFS:
            throw Unsupported(fmt::format("sysctl {}: /proc/sys is mounted read-only", key));
        default:
            throw_system_error("open sysctl", key);
    }
}

void write_key(const std::string& key, const std::string& value) {
    const FileDescriptor file = open_key(key, O_WRONLY);
    const std::string line = value + "\n";
    // One write: every write is a new value.
    if (write(file.get(), line.data(), line.size()) >= 0) return;
    if (errno == EPERM || errno == EACCES) {
        throw Unsupported(
            fmt::format("sysctl {}: this user may not set it to '{}': {}", key, value, strerrordesc_np(errno)));
    }
    throw_system_error(fmt::format("write '{}' to sysctl", value), key);
}

}  // namespace

void set_sysctl(const NetworkNamespace& network_namespace, const std::string& key, const std::string& value) {
    const NamespaceGuard guard(network_namespace);
    write_key(key, value);
}

void set_sysctls(const NetworkNamespace& network_namespace,
                 const std::vector<std::pair<std::string, std::string>>& settings) {
    const NamespaceGuard guard(network_namespace);
    for (const auto& [key, value] : settings) write_key(key, value);
}

std::string get_sysctl(const NetworkNamespace& network_namespace, const std::string& key) {
    const NamespaceGuard guard(network_namespace);
    const FileDescriptor file = open_key(key, O_RDONLY);
    std::string value;
    try {
        value = read_all(file.get());
    } catch (const SystemError& error) {
        throw SystemError("read sysctl", key, error.error_number());
    }
    if (value.ends_with('\n')) value.pop_back();
    return value;
}

std::vector<std::string> sysctl_keys(const NetworkNamespace& network_namespace) {
    const NamespaceGuard guard(network_namespace);
    std::vector<std::string> keys;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(kRoot) + "net")) {
        if (entry.is_directory()) continue;
        keys.push_back(swap_dots_and_slashes(entry.path().string().substr(kRoot.size())));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

}  // namespace tcpwitness
