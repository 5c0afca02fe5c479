#include "sandbox.hh"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness::test {
namespace {

namespace fs = std::filesystem;

void mount_or_throw(const char* kind, const char* where) {
    check_system(mount(kind, where, kind, 0, nullptr), "mount", where);
}

// A build below /tmp shows through the empty /tmp that was mounted over it.
void show_build(const FileDescriptor& build) {
    if (fs::exists(TCPWITNESS_SOURCE_DIR)) return;
    fs::create_directories(TCPWITNESS_SOURCE_DIR);
    const std::string source = "/proc/self/fd/" + std::to_string(build.get());
    check_system(mount(source.c_str(), TCPWITNESS_SOURCE_DIR, nullptr, MS_BIND | MS_REC, nullptr), "mount",
                 TCPWITNESS_SOURCE_DIR);
}

void furnish(uid_t user, gid_t group, bool mapped) {
    if (mapped) {
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
        write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
    }
    check_system(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount", "/");
    const FileDescriptor build(check_system(open(TCPWITNESS_SOURCE_DIR, O_PATH | O_CLOEXEC), "open", TCPWITNESS_SOURCE_DIR));
    mount_or_throw("tmpfs", "/tmp");
    mount_or_throw("tmpfs", "/dev/shm");
    mount_or_throw("proc", "/proc");
    show_build(build);
}

std::string link_target(const fs::path& path) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    return error ? std::string() : target.string();
}

std::vector<int> process_numbers() {
    std::vector<int> numbers;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos) numbers.push_back(std::stoi(name));
    }
    return numbers;
}

// A process may end while it is looked at.
std::string try_read(const std::string& path) {
    try {
        return read_file(path);
    } catch (const std::exception&) {
        return {};
    }
}

std::string command_line(int process) {
    std::string words = try_read("/proc/" + std::to_string(process) + "/cmdline");
    std::replace(words.begin(), words.end(), '\0', ' ');
    return words;
}

void add_namespaces(int process, std::set<std::string>& namespaces) {
    const fs::path folder = "/proc/" + std::to_string(process);
    if (const std::string own = link_target(folder / "ns/net"); !own.empty()) namespaces.insert(own);
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / "fd", error)) {
        const std::string target = link_target(entry.path());
        if (target.starts_with("net:")) namespaces.insert(target);
    }
}

void add_files(const std::string& folder, std::vector<std::string>& files) {
    for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry->path() == TCPWITNESS_SOURCE_DIR) entry.disable_recursion_pending();
        files.push_back(entry->path());
    }
}

void add_new(const std::vector<std::string>& before, const std::vector<std::string>& now, const std::string& what,
             std::string& text) {
    for (const std::string& one : now) {
        if (std::find(before.begin(), before.end(), one) == before.end()) text += what + " is left: " + one + "\n";
    }
}

}  // namespace

std::string in_sandbox(const std::function<std::string()>& body) {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    auto [here, there] = socket_pair(SOCK_STREAM);
    clone_args arguments{};
    arguments.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET;
    if (user != 0) arguments.flags |= CLONE_NEWUSER;
    arguments.exit_signal = SIGCHLD;
    const long pid = check_system(syscall(SYS_clone3, &arguments, sizeof arguments), "clone3", "sandbox");
    if (pid == 0) {
        here.reset();
        try {
            furnish(user, group, user != 0);
            write_all(there.get(), body());
        } catch (const std::exception& error) {
            write_all(there.get(), error.what());
        }
        _exit(0);
    }
    there.reset();
    std::string said = read_all(here.get());
    int status = 0;
    waitpid(static_cast<pid_t>(pid), &status, 0);
    if (!WIFEXITED(status)) said += "process 1 of the sandbox was killed";
    return said;
}

Traces traces() {
    Traces found;
    std::set<std::string> namespaces;
    for (const int process : process_numbers()) {
        add_namespaces(process, namespaces);
        if (process != 1) found.processes.push_back(std::to_string(process) + " " + command_line(process));
    }
    found.namespaces.assign(namespaces.begin(), namespaces.end());
    // Only the names: the counters behind them change.
    const std::string devices = try_read("/proc/self/net/dev");
    for (size_t colon = devices.find(':'); colon != std::string::npos; colon = devices.find(':', colon + 1)) {
        const size_t begin = devices.rfind('\n', colon) + 1;
        found.links += devices.substr(begin, colon - begin) + "\n";
    }
    found.mounts = try_read("/proc/self/mountinfo");
    for (const char* folder : {"/tmp", "/dev/shm"}) add_files(folder, found.files);
    for (const auto& entry : fs::directory_iterator(fs::current_path())) found.files.push_back(entry.path());
    return found;
}

std::string difference(const Traces& before, const Traces& now) {
    std::string text;
    add_new(before.processes, now.processes, "process", text);
    add_new(before.namespaces, now.namespaces, "network namespace", text);
    add_new(before.files, now.files, "file", text);
    if (before.links != now.links) text += "links are now:\n" + now.links;
    if (before.mounts != now.mounts) text += "mounts are now:\n" + now.mounts;
    return text;
}

bool all_gone_within(std::chrono::milliseconds limit) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (true) {
        pid_t reaped = 0;
        while ((reaped = waitpid(-1, nullptr, WNOHANG)) > 0) continue;
        if (reaped < 0) return errno == ECHILD;
        const auto left = deadline - std::chrono::steady_clock::now();
        if (left <= left.zero()) return false;
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        const timespec wait{seconds.count(), static_cast<long>((left - seconds).count())};
        sigtimedwait(&child, nullptr, &wait);
    }
}

std::vector<int> processes_with(const std::string& text) {
    std::vector<int> found;
    for (const int process : process_numbers()) {
        if (process != 1 && command_line(process).find(text) != std::string::npos) found.push_back(process);
    }
    return found;
}

int parent_of(int process) {
    const std::string name = "\nPPid:";
    const std::string status = try_read("/proc/" + std::to_string(process) + "/status");
    const size_t at = status.find(name);
    return at == std::string::npos ? 0 : std::stoi(status.substr(at + name.size()));
}

}  // namespace tcpwitness::test
