#include "tool.hh"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/error.hh"

namespace tcpwitness::test {
namespace {

FileDescriptor memory_file(const char* name) {
    return FileDescriptor(check_system(memfd_create(name, MFD_CLOEXEC), "memfd_create", name));
}

std::string content(const FileDescriptor& file) {
    struct stat status {};
    check_system(fstat(file.get(), &status), "fstat", "output");
    std::string text(static_cast<size_t>(status.st_size), '\0');
    const ssize_t length = check_system(pread(file.get(), text.data(), text.size(), 0), "pread", "output");
    text.resize(static_cast<size_t>(length));
    return text;
}

void become(uid_t user) {
    if (setgroups(0, nullptr) < 0 || setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0) _exit(126);
}

}  // namespace

Tool::Tool(const std::vector<std::string>& arguments, const ToolOptions& options)
    : output_(memory_file("output")), error_(memory_file("error")) {
    const std::string program = options.program.empty() ? built_tool() : options.program;
    const std::string folder = options.folder.empty() ? std::string(TCPWITNESS_SOURCE_DIR) : options.folder;
    pid_ = check_system(fork(), "fork", "tcpwitness");
    if (pid_ > 0) return;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(output_.get(), STDOUT_FILENO);
    dup2(error_.get(), STDERR_FILENO);
    if (chdir(folder.c_str()) < 0) _exit(126);
    if (options.user) become(*options.user);
    for (const std::string& entry : options.environment) {
        const size_t equals = entry.find('=');
        setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
    }
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execv(program.c_str(), words.data());
    _exit(127);
}

Tool::~Tool() {
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    wait();
}

std::string Tool::output_so_far() const {
    return content(output_);
}

ToolRun Tool::wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    constexpr int kSignalled = 128;
    return {.status = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status),
            .output = content(output_),
            .error = content(error_),
            .wall = std::chrono::steady_clock::now() - began_};
}

ToolRun run_tool(const std::vector<std::string>& arguments, const ToolOptions& options) {
    return Tool(arguments, options).wait();
}

std::string built_tool() {
    return std::string(TCPWITNESS_BINARY_DIR) + "/tcpwitness";
}

std::string source_path(const std::string& path) {
    return std::string(TCPWITNESS_SOURCE_DIR) + "/" + path;
}

std::string in_one_line(const std::string& text) {
    std::string line;
    for (const char letter : text) {
        const bool blank = letter == ' ' || letter == '\n';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : letter;
    }
    return line;
}

void write_case(const std::string& path, const std::string& steps, const std::string& more) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    write_file(path, "case: " + std::filesystem::path(path).stem().string() + "\n" + more + "steps:\n" + steps);
}

}  // namespace tcpwitness::test
