// Loaded into QEMU by a test: makes the moment in which the main loop may take a processor for halted too early (see
// harness/guest/qemu_turns.cc) long, and the main loop look all the time.
#include <dlfcn.h>
#include <poll.h>
#include <setjmp.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

namespace {

constexpr useconds_t kMoment = 300;  // microseconds
constexpr timespec kNap{.tv_sec = 0, .tv_nsec = 50'000};

template <typename Function>
Function* next_function(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

// How the processor's thread leaves an instruction that halts it: siglongjmp(), as fortified programs call it.
[[noreturn]] void __longjmp_chk(sigjmp_buf environment, int value) {
    usleep(kMoment);
    next_function<void(sigjmp_buf, int)>("__longjmp_chk")(environment, value);
    __builtin_unreachable();
}

int ppoll(pollfd* descriptors, nfds_t count, const timespec*, const sigset_t* signals) {
    static auto* const next = next_function<decltype(ppoll)>("ppoll");
    return next(descriptors, count, &kNap, signals);
}

}  // extern "C"
