#include "live/process_files.hh"

#include <dirent.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

std::optional<int> number_in(const char* name) {
    int number = 0;
    const char* end = name + std::strlen(name);
    const auto [stop, error] = std::from_chars(name, end, number);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return number;
}

// "socket:[12345]"
std::optional<uint64_t> socket_inode(int folder, const char* name) {
    std::array<char, 64> target{};
    const ssize_t length = readlinkat(folder, name, target.data(), target.size() - 1);
    unsigned long inode = 0;
    if (length <= 0 || std::sscanf(target.data(), "socket:[%lu]", &inode) != 1) return std::nullopt;
    return inode;
}

std::string program_name_of(int process) {
    try {
        std::string name = read_file(fmt::format("/proc/{}/comm", process));
        if (name.ends_with('\n')) name.pop_back();
        return name;
    } catch (const SystemError&) {
        return {};  // it has ended
    }
}

// False when this user may not look at it.
bool survey(int process, const std::function<void(const SocketOwner&, uint64_t)>& take) {
    const std::string path = fmt::format("/proc/{}/fd", process);
    const Folder folder(opendir(path.c_str()));
    if (!folder) return errno != EACCES && errno != EPERM;
    SocketOwner owner{.process = process, .name = program_name_of(process)};
    while (const dirent* entry = readdir(folder.get())) {
        const std::optional<int> descriptor = number_in(entry->d_name);
        if (!descriptor) continue;
        owner.descriptor = *descriptor;
        if (const std::optional<uint64_t> inode = socket_inode(dirfd(folder.get()), entry->d_name)) take(owner, *inode);
    }
    return true;
}

}  // namespace

ProcessSurvey for_each_socket(const std::function<void(const SocketOwner& owner, uint64_t inode)>& take) {
    const Folder processes(opendir("/proc"));
    if (!processes) throw_system_error("opendir", "/proc");
    ProcessSurvey counted;
    while (const dirent* entry = readdir(processes.get())) {
        const std::optional<int> process = number_in(entry->d_name);
        if (!process) continue;
        ++counted.processes;
        if (!survey(*process, take)) ++counted.closed;
    }
    return counted;
}

}  // namespace tcpwitness
