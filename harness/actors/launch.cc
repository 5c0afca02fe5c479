#include "actors/launch.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/error.hh"

namespace tcpwitness {
namespace {

enum class ChildStep : int {
    descriptors,
    process_group,
    set_namespace,
    folder,
    groups,
    gid,
    uid,
    parent_death,
    execute
};

// What the child says about itself when it cannot become the program.
struct ChildFailure {
    ChildStep step;
    int error_number;
};

// Everything the child needs, made before the fork: after it only system calls are safe.
struct Child {
    const ActorOptions& options;
    std::string path;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    int input = -1;
    int output = -1;
    int error = -1;
    int channel = -1;
    int report = -1;
};

// In the child.
constexpr int kChannel = 3;
constexpr int kReport = 4;  // until execve closes it

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        if (!added.contains(std::string(text.substr(0, text.find('='))))) merged.emplace_back(text);
    }
    for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
    return merged;
}

std::string_view search_path(const std::vector<std::string>& environment) {
    constexpr std::string_view kPath = "PATH=";
    for (const std::string& entry : environment) {
        if (entry.starts_with(kPath)) return std::string_view(entry).substr(kPath.size());
    }
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

// A name with a slash stands as it is, relative to the program's folder; any other is looked up on PATH.
std::string find_program(const std::string& name, std::string_view path) {
    if (name.find('/') != std::string::npos) return name;
    while (!path.empty()) {
        const size_t colon = path.find(':');
        const std::string candidate = fmt::format("{}/{}", path.substr(0, colon), name);
        struct stat status {};
        if (stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        path.remove_prefix(colon == std::string_view::npos ? path.size() : colon + 1);
    }
    throw SystemError("execve", name, ENOENT);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

[[noreturn]] void fail(const Child& child, ChildStep step) {
    const ChildFailure failure{step, errno};
    while (write(child.report, &failure, sizeof failure) < 0 && errno == EINTR) continue;
    _exit(127);
}

void check(const Child& child, ChildStep step, int result) {
    if (result < 0) fail(child, step);
}

// Puts the descriptors in their places and closes all others. They are moved out of the way first: any of them may sit
// in another's place.
void arrange_descriptors(Child& child) {
    constexpr int kAside = 10;
    for (int* descriptor : {&child.input, &child.output, &child.error, &child.channel, &child.report}) {
        if (*descriptor < 0) continue;  // no channel
        const int aside = fcntl(*descriptor, F_DUPFD_CLOEXEC, kAside);
        check(child, ChildStep::descriptors, aside);
        *descriptor = aside;
    }
    check(child, ChildStep::descriptors, dup2(child.input, STDIN_FILENO));
    check(child, ChildStep::descriptors, dup2(child.output, STDOUT_FILENO));
    check(child, ChildStep::descriptors, dup2(child.error, STDERR_FILENO));
    check(child, ChildStep::descriptors, child.channel < 0 ? 0 : dup2(child.channel, kChannel));
    check(child, ChildStep::descriptors, dup3(child.report, kReport, O_CLOEXEC));
    child.report = kReport;
    if (child.channel < 0) close(kChannel);
    check(child, ChildStep::descriptors, close_range(kReport + 1, ~0U, 0));
}

void become_user(const Child& child, uint32_t user) {
    check(child, ChildStep::groups, setgroups(0, nullptr));
    check(child, ChildStep::gid, setresgid(user, user, user));
    check(child, ChildStep::uid, setresuid(user, user, user));
}

void reset_signals() {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);  // fails for SIGKILL, SIGSTOP
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

// After setresuid, which clears the wish. A parent that was gone before it is known by the pipe that nobody reads.
void die_with_parent(const Child& child) {
    check(child, ChildStep::parent_death, prctl(PR_SET_PDEATHSIG, SIGKILL));
    pollfd entry{.fd = child.report, .events = POLLOUT, .revents = 0};
    if (poll(&entry, 1, 0) > 0 && (entry.revents & POLLERR) != 0) _exit(127);
}

[[noreturn]] void become_program(Child& child) {
    const ActorOptions& options = child.options;
    check(child, ChildStep::process_group, setpgid(0, 0));
    if (options.network_namespace >= 0) {
        check(child, ChildStep::set_namespace, setns(options.network_namespace, CLONE_NEWNET));
    }
    arrange_descriptors(child);
    if (!options.folder.empty()) check(child, ChildStep::folder, chdir(options.folder.c_str()));
    if (options.user) become_user(child, *options.user);
    die_with_parent(child);
    reset_signals();
    execve(child.path.c_str(), child.arguments.data(), child.environment.data());
    fail(child, ChildStep::execute);
}

[[noreturn]] void throw_failure(const Child& child, const ChildFailure& failure) {
    const ActorOptions& options = child.options;
    const std::string user = options.user ? fmt::format("{} for {}", *options.user, options.name) : "";
    switch (failure.step) {
        case ChildStep::descriptors:
            throw SystemError("dup2", "descriptors of " + options.name, failure.error_number);
        case ChildStep::process_group:
            throw SystemError("setpgid", options.name, failure.error_number);
        case ChildStep::set_namespace:
            throw SystemError("setns", "network namespace of " + options.name, failure.error_number);
        case ChildStep::folder:
            throw SystemError("chdir", options.folder, failure.error_number);
        case ChildStep::groups:
            throw SystemError("setgroups", user, failure.error_number);
        case ChildStep::gid:
            throw SystemError("setresgid", user, failure.error_number);
        case ChildStep::uid:
            throw SystemError("setresuid", user, failure.error_number);
        case ChildStep::parent_death:
            throw SystemError("prctl PR_SET_PDEATHSIG", options.name, failure.error_number);
        case ChildStep::execute:
            break;
    }
    throw SystemError("execve", child.path, failure.error_number);
}

// Waits until execve has closed the pipe or the child has said why there was none.
void await_execve(const Child& child, pid_t pid, FileDescriptor& report) {
    ChildFailure failure{};
    ssize_t length = 0;
    do {
        length = read(report.get(), &failure, sizeof failure);
    } while (length < 0 && errno == EINTR);
    if (length == 0) return;
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
    throw_failure(child, failure);
}

}  // namespace

pid_t launch(const ActorOptions& options, LaunchDescriptors descriptors) {
    if (options.command.empty()) throw Error("program " + options.name + " has no command");
    std::vector<std::string> environment = merged_environment(options.environment);
    std::vector<std::string> arguments = options.command;
    const FileDescriptor input = open_file("/dev/null", O_RDONLY);
    std::array<int, 2> ends{};
    check_system(pipe2(ends.data(), O_CLOEXEC), "pipe2", options.name);
    FileDescriptor report(ends[0]);
    FileDescriptor child_report(ends[1]);
    Child child{options,
                find_program(options.command.front(), search_path(environment)),
                pointers(arguments),
                pointers(environment),
                input.get(),
                descriptors.output.get(),
                descriptors.error.get(),
                descriptors.channel.get(),
                child_report.get()};
    const pid_t pid = check_system(fork(), "fork", options.name);
    if (pid == 0) become_program(child);
    child_report.reset();
    await_execve(child, pid, report);
    return pid;
}

}  // namespace tcpwitness
