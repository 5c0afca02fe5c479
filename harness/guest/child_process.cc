#include "guest/child_process.hh"

#define BOOST_PROCESS_USE_STD_FS 1
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>
#include <boost/process/v2/posix/bind_fd.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>

#include "base/error.hh"
#include "guest/library_search.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

namespace process = boost::process::v2;

// In the child, before the program starts: to die with its parent, in a process group that the terminal's ^C does not
// reach (the parent decides), with the descriptors it is to have.
struct ChildSetup {
    pid_t parent;
    std::vector<int> inherited;
    std::filesystem::path directory;
    std::vector<const char*> environment;

    template <typename Launcher>
    process::error_code on_setup(Launcher& launcher, const process::filesystem::path&, const char* const*&) const {
        launcher.env = environment.data();
        return {};
    }
    template <typename Launcher>
    process::error_code on_exec_setup(Launcher&, const process::filesystem::path&, const char* const*&) const {
        const auto failed = [] { return process::error_code(errno, boost::system::system_category()); };
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed();
        if (getppid() != parent) return process::error_code(ESRCH, boost::system::system_category());
        for (const int descriptor : inherited)
            if (fcntl(descriptor, F_SETFD, 0) != 0) return failed();
        if (!directory.empty() && chdir(directory.c_str()) != 0) return failed();
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        return {};
    }
};

std::vector<std::string> merged_environment(const std::vector<std::string>& changes) {
    std::vector<std::string> merged;
    const auto name_of = [](const std::string& variable) { return variable.substr(0, variable.find('=') + 1); };
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string name = name_of(*variable);
        if (std::none_of(changes.begin(), changes.end(), [&](const auto& change) { return name_of(change) == name; }))
            merged.emplace_back(*variable);
    }
    merged.insert(merged.end(), changes.begin(), changes.end());
    return merged;
}

std::vector<const char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<const char*> pointers;
    for (const std::string& text : strings) pointers.push_back(text.c_str());
    pointers.push_back(nullptr);
    return pointers;
}

int status_of(int native) {
    return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
}

}  // namespace

struct ChildProcess::State {
    boost::asio::io_context context;
    std::optional<process::process> child;
    std::optional<int> status;
};

ChildProcess::ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                           const ChildOptions& options)
    : state_(std::make_unique<State>()) {
    const char* search_path = getenv("PATH");
    const std::string path = find_program(program, search_path != nullptr ? search_path : kDefaultSearchPath);
    if (path.empty()) throw Error(fmt::format("cannot start {}: there is no such program", program));
    const FileDescriptor nothing = open_file("/dev/null", O_RDWR);
    const auto or_nothing = [&](int descriptor) { return descriptor >= 0 ? descriptor : nothing.get(); };
    const std::vector<std::string> environment = merged_environment(options.environment);
    process::posix::default_launcher launcher;
    process::error_code failure;
    auto child = launcher(state_->context, failure, process::filesystem::path(path), arguments,
                          process::process_stdio{nothing.get(), or_nothing(options.standard_output),
                                                 or_nothing(options.standard_error)},
                          ChildSetup{getpid(), options.inherited, options.directory, pointers_to(environment)});
    if (failure) throw Error(fmt::format("cannot start {}: {}", path, failure.message()));
    state_->child.emplace(std::move(child));
    pidfd_ = FileDescriptor(static_cast<int>(
        check_system(syscall(SYS_pidfd_open, pid(), 0), "pidfd_open", path)));
}

ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;

ChildProcess::~ChildProcess() {
    if (!state_ || !state_->child) return;
    if (!state_->status) kill();
    int native = 0;
    if (!state_->status) waitpid(pid(), &native, 0);
    state_->child->detach();
}

int ChildProcess::pid() const { return static_cast<int>(state_->child->id()); }

void ChildProcess::kill() {
    if (!state_->status) ::kill(pid(), SIGKILL);
}

std::optional<int> ChildProcess::wait(Deadline deadline) {
    if (!state_->status) {
        if (!wait_readable(pidfd_.get(), deadline, "pidfd")) return std::nullopt;
        int native = 0;
        check_system(waitpid(pid(), &native, 0), "waitpid", std::to_string(pid()));
        state_->status = status_of(native);
    }
    return state_->status;
}

CommandResult run_command(const std::string& program, const std::vector<std::string>& arguments,
                          const ChildOptions& options, std::chrono::seconds limit) {
    const FileDescriptor output = anonymous_file("output");
    const FileDescriptor error = anonymous_file("error");
    ChildOptions captured = options;
    captured.standard_output = output.get();
    captured.standard_error = error.get();
    ChildProcess child(program, arguments, captured);
    const std::optional<int> status = child.wait(std::chrono::steady_clock::now() + limit);
    if (!status) throw Error(fmt::format("{}: not done after {} s", program, limit.count()));
    const auto content = [](const FileDescriptor& file) {
        check_system(lseek(file.get(), 0, SEEK_SET), "lseek", "output");
        return read_all(file.get());
    };
    return {*status, content(output), content(error)};
}

}  // namespace tcpwitness::guest
