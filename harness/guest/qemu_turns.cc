// Loaded into QEMU (LD_PRELOAD) when its clock counts instructions: its main loop and its virtual processor take turns.
//
// When the processor halts, the main loop moves the clock on to the next timer. It takes the processor for halted a moment
// before the processor's last instructions are counted. A main loop that wakes in just that moment, which a busy host makes
// more likely, moves the clock by as many nanoseconds too far (QEMU 7.2: icount_start_warp_timer() asks
// all_cpu_threads_idle(), icount_process_data() comes later). So the main loop, whenever it wakes, first waits until the
// processor's thread waits: then all is counted, and nothing but the main loop can wake it.
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "guest/qemu_revert.hh"

namespace {

template <typename Function>
Function* next_function(const char* name) {
    // The condition variables of glibc before 2.3.2 have the same names; dlsym() may find those.
    void* found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return reinterpret_cast<Function*>(found != nullptr ? found : dlsym(RTLD_NEXT, name));
}

auto* const next_wait = next_function<decltype(pthread_cond_wait)>("pthread_cond_wait");
auto* const next_signal = next_function<decltype(pthread_cond_signal)>("pthread_cond_signal");
auto* const next_broadcast = next_function<decltype(pthread_cond_broadcast)>("pthread_cond_broadcast");
auto* const next_ppoll = next_function<decltype(ppoll)>("ppoll");

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t processor_waits = PTHREAD_COND_INITIALIZER;
bool has_processor = false;
pthread_cond_t* awaited = nullptr;  // what the processor's thread waits for; nullptr as soon as that was signalled

// "ALL CPUs/TCG", "CPU 0/TCG", with -name debug-threads=on.
bool is_processor() {
    thread_local const bool is = [] {
        char name[16] = "";
        prctl(PR_GET_NAME, name);
        return strstr(name, "/TCG") != nullptr;
    }();
    return is;
}

void set_awaited(pthread_cond_t* condition) {
    pthread_mutex_lock(&mutex);
    has_processor = true;
    awaited = condition;
    if (condition != nullptr) next_signal(&processor_waits);
    pthread_mutex_unlock(&mutex);
}

void note_signalled(const pthread_cond_t* condition) {
    pthread_mutex_lock(&mutex);
    if (awaited == condition) awaited = nullptr;
    pthread_mutex_unlock(&mutex);
}

// However long that takes: on a busy machine a processor may be at work for seconds, and be held up just where it halts.
void await_turn() {
    pthread_mutex_lock(&mutex);
    while (has_processor && awaited == nullptr) next_wait(&processor_waits, &mutex);
    pthread_mutex_unlock(&mutex);
}

// As ppoll(), and answers requests to revert in between.
int wait_in_main_loop(pollfd* descriptors, nfds_t count, const timespec* limit, const sigset_t* signals) {
    constexpr nfds_t kMost = 64;
    const int socket = tcpwitness::guest::revert_socket();
    if (socket < 0 || count >= kMost) {
        const int ready = next_ppoll(descriptors, count, limit, signals);
        await_turn();
        return ready;
    }
    pollfd all[kMost];
    memcpy(all, descriptors, count * sizeof *descriptors);
    all[count] = {.fd = socket, .events = POLLIN, .revents = 0};
    int ready = next_ppoll(all, count + 1, limit, signals);
    await_turn();
    memcpy(descriptors, all, count * sizeof *descriptors);
    if (ready > 0 && all[count].revents != 0) {
        tcpwitness::guest::answer_revert_request();
        --ready;
    }
    return ready;
}

}  // namespace

extern "C" {

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* held) {
    if (!is_processor()) return next_wait(condition, held);
    set_awaited(condition);
    const int status = next_wait(condition, held);
    set_awaited(nullptr);
    return status;
}

int pthread_cond_signal(pthread_cond_t* condition) noexcept {
    note_signalled(condition);
    return next_signal(condition);
}

int pthread_cond_broadcast(pthread_cond_t* condition) noexcept {
    note_signalled(condition);
    return next_broadcast(condition);
}

int ppoll(pollfd* descriptors, nfds_t count, const timespec* limit, const sigset_t* signals) {
    if (getpid() != gettid()) return next_ppoll(descriptors, count, limit, signals);
    return wait_in_main_loop(descriptors, count, limit, signals);
}

}  // extern "C"
