#include "actors/process_tree.hh"

#include <dirent.h>
#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

// Processes are numbered for the whole harness, so this is too. The harness is single threaded.
std::set<pid_t>& actor_processes() {
    static std::set<pid_t> processes;
    return processes;
}

bool gets_orphans() {
    int subreaper = 0;
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    return getpid() == 1 || subreaper != 0;
}

bool proc_is_ours() {
    char target[32] = "";
    const ssize_t length = readlink("/proc/self", target, sizeof target - 1);
    return length > 0 && std::string_view(target, static_cast<size_t>(length)) == std::to_string(getpid());
}

struct ProcessEntry {
    pid_t pid;
    pid_t parent;
};

// Nothing when the process ended while it was looked at. The name, in parentheses, may hold anything: proc(5).
std::optional<ProcessEntry> read_process(std::string_view directory) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(directory.data(), directory.data() + directory.size(), pid);
    if (error != std::errc{} || end != directory.data() + directory.size()) return std::nullopt;
    std::string text;
    try {
        text = read_file(fmt::format("/proc/{}/stat", pid));
    } catch (const SystemError&) {
        return std::nullopt;
    }
    constexpr size_t kToParent = 4;  // ") S 17"
    const size_t name_end = text.rfind(')');
    if (name_end == std::string::npos || name_end + kToParent >= text.size()) return std::nullopt;
    pid_t parent = 0;
    std::from_chars(text.data() + name_end + kToParent, text.data() + text.size(), parent);
    return ProcessEntry{pid, parent};
}

std::vector<ProcessEntry> all_processes() {
    std::vector<ProcessEntry> processes;
    if (!proc_is_ours()) return processes;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc"), closedir);
    if (directory == nullptr) return processes;
    while (const dirent* entry = readdir(directory.get())) {
        if (const auto process = read_process(entry->d_name)) processes.push_back(*process);
    }
    return processes;
}

// Every descendant of `root`, itself not counted. A listing may show a child before its parent, hence the rounds.
std::set<pid_t> descendants(pid_t root) {
    const std::vector<ProcessEntry> processes = all_processes();
    std::set<pid_t> found;
    for (size_t before = 1; before != found.size() + 1;) {
        before = found.size() + 1;
        for (const ProcessEntry& process : processes) {
            if (process.parent == root || found.contains(process.parent)) found.insert(process.pid);
        }
    }
    return found;
}

std::set<pid_t> living_orphans() {
    std::set<pid_t> orphans;
    for (const ProcessEntry& process : all_processes()) {
        if (process.parent == getpid() && !actor_processes().contains(process.pid)) orphans.insert(process.pid);
    }
    return orphans;
}

void wait_for(pid_t pid) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

void add_actor_process(pid_t pid) {
    actor_processes().insert(pid);
}

void remove_actor_process(pid_t pid) {
    actor_processes().erase(pid);
}

void kill_process(pid_t pid) {
    kill(pid, SIGKILL);
    wait_for(pid);
}

// The root is stopped and killed last: a process whose parent has ended could not be told from a stranger. A
// descendant that forks while the listing is read is found in the next one.
void kill_process_tree(pid_t pid) {
    kill(-pid, SIGSTOP);
    std::set<pid_t> killed;
    while (true) {
        bool more = false;
        for (const pid_t descendant : descendants(pid)) {
            if (!killed.insert(descendant).second) continue;
            kill(descendant, SIGKILL);
            more = true;
        }
        if (!more) break;
    }
    kill(-pid, SIGKILL);
    kill_process(pid);
}

void kill_process_group(pid_t group) {
    if (!actor_processes().contains(group)) kill(-group, SIGKILL);
}

void reap_orphans() {
    if (!gets_orphans()) return;
    while (true) {
        siginfo_t info{};
        // WNOWAIT shows the first child that ended and leaves it. An actor's own stands in the way only until its
        // Actor has waited for it, which then calls this again.
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) return;
        if (actor_processes().contains(info.si_pid)) return;
        wait_for(info.si_pid);
    }
}

void kill_orphans() {
    if (!actor_processes().empty() || !gets_orphans()) return;
    while (true) {
        const std::set<pid_t> orphans = living_orphans();
        if (orphans.empty()) return;
        for (const pid_t orphan : orphans) {
            kill(orphan, SIGKILL);
            wait_for(orphan);
        }
    }
}

}  // namespace tcpwitness
