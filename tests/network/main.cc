// The kernel tests as they are started: as root in place, as another user (or with --rootless) in a user namespace.
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "base/error.hh"
#include "network/namespace.hh"

namespace {

constexpr unsigned kNobody = 65534;

// Gives up root for good, as if an ordinary user had started the program.
void become_ordinary_user() {
    tcpwitness::check_system(setgroups(0, nullptr), "setgroups", "");
    tcpwitness::check_system(setresgid(kNobody, kNobody, kNobody), "setresgid", "65534");
    tcpwitness::check_system(setresuid(kNobody, kNobody, kNobody), "setresuid", "65534");
    // A change of uid makes the process's /proc files root's; the id maps are written through them.
    tcpwitness::check_system(prctl(PR_SET_DUMPABLE, 1), "prctl", "PR_SET_DUMPABLE");
}

// A PID namespace begins with the first child, which the tests then run in.
[[noreturn]] void run_in_own_namespaces() {
    tcpwitness::enter_private_namespaces(true);
    const pid_t child = tcpwitness::check_system(fork(), "fork", "");
    if (child == 0) {
        tcpwitness::mount_private_proc();
        std::exit(RUN_ALL_TESTS());
    }
    int status = 0;
    tcpwitness::check_system(waitpid(child, &status, 0), "waitpid", "");
    // Not exit: its PID namespace has ended, and the leak check at exit could start no process in it.
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

}  // namespace

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    const bool rootless = argc > 1 && std::string_view(argv[1]) == "--rootless";
    if (rootless && geteuid() == 0) become_ordinary_user();
    if (geteuid() != 0) run_in_own_namespaces();
    return RUN_ALL_TESTS();
}
