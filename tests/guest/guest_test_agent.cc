// The first process of the guests that guest_test.cc boots: answers requests that show what a guest is like.
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
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

// Whether an earlier request left its mark: in a file, in this process's memory, in the kernel.
std::string marks() {
    static bool mark = false;
    const std::string kernel = tcpwitness::read_file("/proc/sys/kernel/hostname");
    std::string told = fmt::format("{} {} {}", mark, std::ifstream("/mark").good(), kernel.substr(0, kernel.find('\n')));
    mark = true;
    std::ofstream("/mark") << "mark";
    tcpwitness::write_file("/proc/sys/kernel/hostname", "marked");
    return told;
}

// A page with the code of a function that returns a number. It runs before the snapshot is taken.
using Function = int();
unsigned char* function_page = nullptr;

std::string call_function() { return std::to_string(reinterpret_cast<Function*>(function_page)()); }

void write_function(int returned) {
    const unsigned char code[] = {0xb8, static_cast<unsigned char>(returned), 0, 0, 0, 0xc3};  // mov $returned, %eax; ret
    std::copy(std::begin(code), std::end(code), function_page);
}

void prepare() {
    void* const page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    function_page = static_cast<unsigned char*>(page);
    write_function(1);
    call_function();
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
    if (kind == "spin")
        for (volatile int turn = 0;;) turn = 1 - turn;
    if (kind == "marks") return marks();
    if (kind == "call") return call_function();
    if (kind == "write and call") return write_function(std::stoi(std::string(body))), call_function();
    if (kind == "modules") return tcpwitness::read_file("/proc/modules");
    throw tcpwitness::Error(fmt::format("no such kind of request: {}", kind));
}

}  // namespace

int main() {
    if (!tcpwitness::guest::is_guest_agent()) {
        std::cerr << "this program is the first process of a guest\n";
        return 2;
    }
    tcpwitness::guest::run_agent({handle, prepare});
}
