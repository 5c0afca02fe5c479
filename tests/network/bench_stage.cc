// What a stage costs: building and removing three namespaces with all that is in them, by tcpwitness, by a script of ip
// commands, and, as the least that is possible, by three bare unshare calls. Run by ci/bench stage.
#include <fmt/core.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "network/namespace.hh"
#include "network/wiring.hh"
#include "stage.hh"

namespace {

using namespace tcpwitness;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";

struct Cost {
    std::vector<double> returned;  // ms until the caller could go on
    std::vector<double> gone;      // ms until the kernel had removed everything, in the background
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void three_unshares() {
    const NamespaceGuard back(open_file(kOwnNamespace, O_RDONLY).get());
    std::vector<FileDescriptor> namespaces;
    for (int i = 0; i < 3; ++i) {
        check_system(unshare(CLONE_NEWNET), "unshare", "CLONE_NEWNET");
        namespaces.push_back(open_file(kOwnNamespace, O_RDONLY));
    }
}

void tcpwitness_stage() {
    const TestStage stage;
}

void ip_commands() {
    const std::string script = TCPWITNESS_SOURCE_DIR "/tests/network/stage_with_ip";
    if (std::system((script + " build && " + script + " remove").c_str()) != 0) throw Error("stage_with_ip failed");
}

// Knows when namespaces are gone: the kernel counts them per user namespace, down only at the very end of a removal,
// and refuses one more than it is told to allow. Each question that is answered with yes makes a namespace, which is
// kept.
class Removal {
  public:
    void allow_any() { set_limit(1'000'000); }
    void wait() {
        const NamespaceGuard back(open_file(kOwnNamespace, O_RDONLY).get());
        set_limit(static_cast<int>(kept_.size()) + 2);  // the one that this process is in, and the one asked for
        while (unshare(CLONE_NEWNET) != 0) {
            if (errno != ENOSPC) throw_system_error("unshare", "CLONE_NEWNET");
            usleep(50);
        }
        kept_.push_back(open_file(kOwnNamespace, O_RDONLY));
    }

  private:
    static void set_limit(int namespaces) {
        write_file("/proc/sys/user/max_net_namespaces", std::to_string(namespaces));
    }

    std::vector<FileDescriptor> kept_;
};

void measure(const std::function<void()>& build_and_remove, Removal& removal, Cost& cost) {
    removal.allow_any();
    const auto began = Clock::now();
    build_and_remove();
    const auto returned = Clock::now();
    removal.wait();
    cost.returned.push_back(Milliseconds(returned - began).count());
    cost.gone.push_back(Milliseconds(Clock::now() - began).count());
}

void print_row(const char* name, const Cost& cost) {
    fmt::print("{:<24}{:>14.2f} ms{:>14.2f} ms\n", name, median(cost.returned), median(cost.gone));
}

void run(int repetitions) {
    Removal removal;
    Cost bare;
    Cost own;
    Cost ip;
    for (int i = 0; i < repetitions; ++i) {
        measure(three_unshares, removal, bare);
        measure(tcpwitness_stage, removal, own);
        measure(ip_commands, removal, ip);
    }
    fmt::print("A stage of three namespaces built and removed, medians of {} repetitions side by side:\n", repetitions);
    fmt::print("{:<24}{:>17}{:>17}\n", "", "caller goes on", "kernel is done");
    print_row("three bare unshare calls", bare);
    print_row("tcpwitness", own);
    print_row("script of ip commands", ip);
    fmt::print("tcpwitness is {:.1f} times faster than ip commands (aim: 5 or more)\n",
               median(ip.returned) / median(own.returned));
    fmt::print("and takes {:.1f} times the bare calls, {:.1f} times with their removal (aim: 3 or less)\n",
               median(own.returned) / median(bare.returned), median(own.gone) / median(bare.gone));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 20;
        enter_private_namespaces(true);
        const pid_t child = check_system(fork(), "fork", "");
        if (child == 0) {
            // A /run of its own for ip netns.
            check_system(mount("none", "/run", "tmpfs", 0, nullptr), "mount tmpfs", "/run");
            run(repetitions);
            return 0;
        }
        int status = 0;
        check_system(waitpid(child, &status, 0), "waitpid", "");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_stage: {}\n", error.what());
        return 3;
    }
}
