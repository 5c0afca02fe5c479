#include "guest/agent.hh"

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

// Writes to a port at which the machine does not go on, after all that was printed has left.
[[noreturn]] void end_at(unsigned port, unsigned char value) {
    tcdrain(STDOUT_FILENO);
    for (;;) write_port(port, value);
}

// The machine stands at this instruction, with the reply in the exchange range.
[[noreturn]] void be_done() { end_at(kStopPort, 1); }

[[noreturn]] void give_up(const std::string& why) {
    const std::string line = "tcpwitness agent: " + why + "\n";
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) { /* the status below says it all the same */ }
    allow_ports();
    end_at(kEndPort, kAgentGaveUp);
}

ExchangedReply answer(const AgentHandlers& handlers, const GuestRequest& request) {
    try {
        const bool program = request.kind == kExecKind;
        return {ReplyStatus::handled, program ? exec_program(request.body) : handlers.handle(request.kind, request.body)};
    } catch (const std::exception& error) {
        return {ReplyStatus::failed, error.what()};
    }
}

void serve(const AgentHandlers& handlers, const Mapping& exchange) {
    const std::optional<GuestRequest> request = read_request(exchange.data());
    if (!request) give_up("there is no whole request in the exchange range");
    seed_randomness(request->seed);
    if (!request->files.empty()) unpack_cpio(request->files, "/");
    const ExchangedReply reply = answer(handlers, *request);
    write_reply(exchange.data(), reply.status, reply.body);
}

// In its first second a kernel takes the time in a TIME_WAIT's stamp for "none" (tw_ts_recent_stamp, in whole seconds since
// the boot), and does not reuse its port. No machine that people have is so young.
void let_the_first_second_pass() {
    const timespec end{.tv_sec = 1, .tv_nsec = 0};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr) == EINTR) continue;
}

// In the handler's process, which ends the machine itself: what is left then need not be cleared away.
[[noreturn]] void be_the_handler(const AgentHandlers& handlers, const Mapping& exchange) {
    try {
        // Programs have no use for the range, and a fork would copy its 32768 page table entries.
        check_system(madvise(exchange.data(), exchange.size(), MADV_DONTFORK), "madvise MADV_DONTFORK", "exchange range");
        if (handlers.prepare) handlers.prepare();
        umask(022);
        let_the_first_second_pass();
        stop_until_continued();  // here the snapshot is taken; the machine goes on with a request
        serve(handlers, exchange);
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    be_done();
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
        quiet_memory_management();
        allow_ports();
        const Mapping exchange = map_exchange();
        // Before the snapshot, so that no run has to wait for the fork.
        const pid_t handler = check_system(fork(), "fork", "handler");
        if (handler == 0) be_the_handler(handlers, exchange);
        const int status = reap_until(handler);
        const std::string how = WIFSIGNALED(status) ? fmt::format("was killed by {}", sigabbrev_np(WTERMSIG(status)))
                                                    : fmt::format("exited with status {}", WEXITSTATUS(status));
        write_reply(exchange.data(), ReplyStatus::failed, "the handler of requests " + how);
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    be_done();
}

}  // namespace tcpwitness::guest
