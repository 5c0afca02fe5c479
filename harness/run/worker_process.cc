#include "run/worker_process.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/error.hh"
#include "run/worker.hh"

namespace tcpwitness {
namespace {

uint64_t clone_flags(WorkerProcess::Isolation isolation) {
    if (isolation == WorkerProcess::Isolation::none) return 0;
    const uint64_t flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET;
    return geteuid() == 0 ? flags : flags | CLONE_NEWUSER;
}

// As fork, into new namespaces. The caller has one thread only.
int fork_into(uint64_t flags) {
    clone_args arguments{};
    arguments.flags = flags;
    arguments.exit_signal = SIGCHLD;
    const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    std::string names = "CLONE_NEWPID|CLONE_NEWNS|CLONE_NEWNET";
    if (flags & CLONE_NEWUSER) names += "|CLONE_NEWUSER";
    return static_cast<int>(check_system(pid, "clone3", flags == 0 ? "worker" : names));
}

void map_to_root(uid_t user, gid_t group) {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", fmt::format("0 {} 1", user));
    write_file("/proc/self/gid_map", fmt::format("0 {} 1", group));
}

// The parent may have died before PR_SET_PDEATHSIG took hold; then the other end of the channel is closed already.
void die_with_parent(int channel) {
    check_system(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl", "PR_SET_PDEATHSIG");
    pollfd state{channel, 0, 0};
    if (poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR))) _exit(1);
}

void restore_signals() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGWINCH}) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setpgid(0, 0);  // Ctrl+C is for the runner, which ends its workers itself
}

[[noreturn]] void become_worker(const std::string& program, const std::vector<std::string>& arguments, int channel,
                                bool mapped, uid_t user, gid_t group) {
    try {
        restore_signals();
        die_with_parent(channel);
        if (mapped) map_to_root(user, group);
        if (channel == kWorkerChannel) {
            check_system(fcntl(channel, F_SETFD, 0), "fcntl", "worker channel");
        } else {
            check_system(dup2(channel, kWorkerChannel), "dup2", "worker channel");
        }
        check_system(close_range(kWorkerChannel + 1, ~0U, CLOSE_RANGE_CLOEXEC), "close_range", "");
        std::vector<char*> words{const_cast<char*>(program.c_str())};
        for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
        words.push_back(nullptr);
        execv(program.c_str(), words.data());
        throw_system_error("execv", program);
    } catch (const std::exception& error) {
        Channel{FileDescriptor(dup(channel))}.send(to_wire(WorkReport{.broken = error.what()}));
    }
    _exit(127);
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& program, const std::vector<std::string>& arguments, Isolation isolation)
    : WorkerProcess(socket_pair(SOCK_STREAM), program, arguments, isolation) {}

WorkerProcess::WorkerProcess(std::pair<FileDescriptor, FileDescriptor> ends, const std::string& program,
                             const std::vector<std::string>& arguments, Isolation isolation)
    : channel_(std::move(ends.first)) {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    const uint64_t flags = clone_flags(isolation);
    pid_ = fork_into(flags);
    if (pid_ == 0) {
        close(channel_.descriptor());
        become_worker(program, arguments, ends.second.get(), (flags & CLONE_NEWUSER) != 0, user, group);
    }
}

WorkerProcess::~WorkerProcess() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    wait();
}

void WorkerProcess::dismiss() {
    constexpr int kPatienceMilliseconds = 5000;
    shutdown(channel_.descriptor(), SHUT_WR);
    pollfd end{channel_.descriptor(), POLLIN, 0};
    poll(&end, 1, kPatienceMilliseconds);
}

std::string WorkerProcess::wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFSIGNALED(status)) return fmt::format("was killed by SIG{}", sigabbrev_np(WTERMSIG(status)));
    return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace tcpwitness
