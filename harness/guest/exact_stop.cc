#include "guest/exact_stop.hh"

#include <signal.h>
#include <time.h>
#include <ucontext.h>

#include "base/error.hh"
#include "guest/machine_arguments.hh"

extern "C" {
extern char tcpwitness_wait_for_signal[];
extern char tcpwitness_continue[];
}

namespace tcpwitness::guest {
namespace {

constexpr long kTimerNanoseconds = 200'000;  // long enough to get from arming it to the stop

void leave_the_jump(int, siginfo_t*, void* context) {
    greg_t& instruction = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
    if (instruction == reinterpret_cast<greg_t>(tcpwitness_wait_for_signal))
        instruction = reinterpret_cast<greg_t>(tcpwitness_continue);
}

// Writes to the port and jumps on the spot until leave_the_jump() has run there.
[[gnu::noinline, gnu::noclone]] void write_and_wait() {
    asm volatile(
        "outb %%al, %%dx\n"
        ".globl tcpwitness_wait_for_signal\n"
        "tcpwitness_wait_for_signal: jmp tcpwitness_wait_for_signal\n"
        ".globl tcpwitness_continue\n"
        "tcpwitness_continue:\n"
        :
        : "a"(static_cast<unsigned char>(1)), "d"(static_cast<unsigned short>(kStopPort))
        : "memory");
}

}  // namespace

void stop_until_continued() {
    struct sigaction action {};
    action.sa_sigaction = leave_the_jump;
    action.sa_flags = SA_SIGINFO;
    struct sigaction before {};
    check_system(sigaction(SIGALRM, &action, &before), "sigaction", "SIGALRM");
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    timer_t timer{};
    check_system(timer_create(CLOCK_MONOTONIC, &event, &timer), "timer_create", "SIGALRM");
    // It repeats: a signal that came before the stop would leave the jump without an end.
    const itimerspec every{.it_interval = {0, kTimerNanoseconds}, .it_value = {0, kTimerNanoseconds}};
    check_system(timer_settime(timer, 0, &every, nullptr), "timer_settime", "SIGALRM");
    write_and_wait();
    timer_delete(timer);
    sigaction(SIGALRM, &before, nullptr);
}

}  // namespace tcpwitness::guest
