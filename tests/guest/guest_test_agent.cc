// The first process of the guests that guest_test.cc boots: answers requests that show what a guest is like.
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "guest/agent.hh"

namespace {

int64_t now_nanoseconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::string machine() {
    utsname name{};
    uname(&name);
    timespec tick{};
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
    return fmt::format("{} HZ={}", name.release, 1'000'000'000 / tick.tv_nsec);
}

// Sleeps so many seconds, and tells all that could differ between two runs.
std::string sleep_and_tell(int seconds) {
    const int64_t before = now_nanoseconds(CLOCK_MONOTONIC);
    const timespec time{seconds, 0};
    nanosleep(&time, nullptr);
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) throw tcpwitness::Error("getrandom");
    std::cerr << "slept " << seconds << " s\n";
    return fmt::format("{{\"slept\":{},\"monotonic\":{},\"realtime\":{},\"random\":{}}}",
                       now_nanoseconds(CLOCK_MONOTONIC) - before, now_nanoseconds(CLOCK_MONOTONIC),
                       now_nanoseconds(CLOCK_REALTIME), random);
}

// So often the machine halts and is woken by a timer; the times at which it went on.
std::string nap_and_tell(int count) {
    std::string told;
    for (int i = 0; i < count; ++i) {
        const timespec time{0, 1'000'000};
        nanosleep(&time, nullptr);
        told += std::to_string(now_nanoseconds(CLOCK_MONOTONIC)) + "\n";
    }
    return told;
}

[[noreturn]] void crash_the_kernel() {
    std::ofstream("/proc/sysrq-trigger") << "c" << std::flush;
    for (;;) pause();
}

std::string handle(std::string_view kind, std::string_view body) {
    if (kind == "probe") return machine();
    if (kind == "sleep") return sleep_and_tell(std::stoi(std::string(body)));
    if (kind == "naps") return nap_and_tell(std::stoi(std::string(body)));
    if (kind == "echo") return std::string(body);
    if (kind == "throw") throw tcpwitness::Error("thrown by the handler");
    if (kind == "abort") abort();
    if (kind == "panic") crash_the_kernel();
    if (kind == "hang")
        for (;;) pause();
    if (kind == "modules") return tcpwitness::read_file("/proc/modules");
    throw tcpwitness::Error(fmt::format("no such kind of request: {}", kind));
}

}  // namespace

int main() {
    if (!tcpwitness::guest::is_guest_agent()) {
        std::cerr << "this program is the first process of a guest\n";
        return 2;
    }
    tcpwitness::guest::run_agent({handle, {}});
}
