#include "guest/agent.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error.hh"
#include "guest/archive.hh"
#include "guest/exact_stop.hh"
#include "guest/exec_program.hh"
#include "guest/guest_setup.hh"
#include "guest/library_search.hh"
#include "guest/machine_arguments.hh"

namespace tcpwitness::guest {
namespace {

// Ends QEMU at this instruction, after all that was printed has left.
[[noreturn]] void end_machine(unsigned value) {
    tcdrain(STDOUT_FILENO);
    for (;;) write_port(kEndPort, static_cast<unsigned char>(value));
}

[[noreturn]] void give_up(const std::string& why) {
    const std::string line = "tcpwitness agent: " + why + "\n";
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) { /* the status below says it all the same */ }
    allow_ports();
    end_machine(kAgentGaveUp);
}

std::string answer(const AgentHandlers& handlers, const GuestRequest& request) {
    if (request.kind == kExecKind) return exec_program(request.body);
    return handlers.handle(request.kind, request.body);
}

// In the handler's own process: its reply goes to `reply`, its failure too.
[[noreturn]] void handle_and_exit(const AgentHandlers& handlers, const GuestRequest& request, int reply) {
    int status = 0;
    std::string body;
    try {
        body = answer(handlers, request);
    } catch (const std::exception& error) {
        body = error.what();
        status = 1;
    }
    try {
        write_all(reply, body);
    } catch (const std::exception&) {
        status = 2;
    }
    _exit(status);
}

// Waits for `child` while reaping every orphan that comes to the first process.
int reap_until(pid_t child) {
    for (;;) {
        int status = 0;
        const pid_t ended = waitpid(-1, &status, 0);
        if (ended == child) return status;
        if (ended < 0 && errno != EINTR) throw_system_error("waitpid", "handler");
    }
}

ExchangedReply handle(const AgentHandlers& handlers, const GuestRequest& request) {
    const FileDescriptor reply = anonymous_file("reply");
    const pid_t child = check_system(fork(), "fork", "handler");
    if (child == 0) handle_and_exit(handlers, request, reply.get());
    const int status = reap_until(child);
    ::kill(-1, SIGKILL);
    if (WIFSIGNALED(status))
        return {ReplyStatus::failed,
                fmt::format("the handler of a \"{}\" request was killed by {}", request.kind, sigabbrev_np(WTERMSIG(status)))};
    check_system(lseek(reply.get(), 0, SEEK_SET), "lseek", "reply");
    return {WEXITSTATUS(status) == 0 ? ReplyStatus::handled : ReplyStatus::failed, read_all(reply.get())};
}

void serve(const AgentHandlers& handlers, const Mapping& exchange) {
    const std::optional<GuestRequest> request = read_request(exchange.data());
    if (!request) give_up("there is no whole request in the exchange range");
    seed_randomness(request->seed);
    if (!request->files.empty()) unpack_cpio(request->files, "/");
    const ExchangedReply reply = handle(handlers, *request);
    write_reply(exchange.data(), reply.status, reply.body);
}

// In its first second a kernel takes the time in a TIME_WAIT's stamp for "none" (tw_ts_recent_stamp, in whole seconds since
// the boot), and does not reuse its port. No machine that people have is so young.
void let_the_first_second_pass() {
    const timespec end{.tv_sec = 1, .tv_nsec = 0};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr) == EINTR) continue;
}

}  // namespace

bool is_guest_agent() { return getpid() == 1 && getenv("TCPWITNESS_GUEST") != nullptr; }

void run_agent(const AgentHandlers& handlers) {
    try {
        umask(0);
        mount_file_systems();
        open_console();
        setenv("PATH", std::string(kDefaultSearchPath).c_str(), 1);
        setenv("HOME", "/root", 1);
        load_modules(kModuleList);
        bring_up_loopback();
        const Mapping exchange = map_exchange();
        allow_ports();
        if (handlers.prepare) handlers.prepare();
        umask(022);
        let_the_first_second_pass();
        stop_until_continued();  // here the snapshot is taken; the machine goes on with a request
        serve(handlers, exchange);
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    end_machine(kEndedByAgent);
}

}  // namespace tcpwitness::guest
