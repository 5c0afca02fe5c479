#include "guest/one_processor.hh"

#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hh"

namespace tcpwitness::guest {
namespace {

std::vector<int> usable_processors() {
    cpu_set_t usable;
    check_system(sched_getaffinity(0, sizeof usable, &usable), "sched_getaffinity", "");
    std::vector<int> numbers;
    for (int number = 0; number < CPU_SETSIZE; ++number) {
        if (CPU_ISSET(number, &usable)) numbers.push_back(number);
    }
    return numbers;
}

// A name that the kernel forgets with its socket: unix(7), abstract. Empty when somebody else has it.
FileDescriptor claim(int number) {
    FileDescriptor holder(check_system(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_UNIX"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = fmt::format("tcpwitness guest on processor {}", number);
    std::copy(name.begin(), name.end(), address.sun_path + 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (bind(holder.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return holder;
    if (errno != EADDRINUSE) throw_system_error("bind", name);
    return {};
}

// A thread that has ended meanwhile needs nothing.
void check_thread(int result, const char* call, pid_t thread) {
    if (result != 0 && errno != ESRCH) throw_system_error(call, fmt::format("thread {}", thread));
}

}  // namespace

Processor::Processor() {
    const std::vector<int> numbers = usable_processors();
    for (const int number : numbers) {
        claim_ = claim(number);
        number_ = number;
        if (claim_) return;
    }
    const int own = sched_getcpu();
    if (std::find(numbers.begin(), numbers.end(), own) != numbers.end()) number_ = own;
}

void keep_on_one_processor(pid_t qemu, pid_t vcpu, const Processor& processor) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor.number(), &one);
    const sched_param no_priority{};
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", qemu))) {
        const pid_t thread = std::stoi(entry.path().filename());
        check_thread(sched_setaffinity(thread, sizeof one, &one), "sched_setaffinity", thread);
        if (thread == vcpu) continue;
        check_thread(sched_setscheduler(thread, SCHED_BATCH, &no_priority), "sched_setscheduler", thread);
    }
}

}  // namespace tcpwitness::guest
