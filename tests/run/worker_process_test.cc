#include "run/worker_process.hh"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/error.hh"
#include "run/worker.hh"

namespace tcpwitness {
namespace {

WorkerProcess shell(const std::string& script) {
    return WorkerProcess("/bin/sh", {"-c", script}, WorkerProcess::Isolation::namespaces);
}

TEST(WorkerProcess, IsTheFirstProcessOfItsOwnNamespaces) {
    WorkerProcess worker = shell("printf '%s %s' $$ \"$(readlink /proc/self/ns/net)\" >&3");
    const std::string said = read_all(worker.channel().descriptor());
    EXPECT_EQ(said.substr(0, 2), "1 ");
    char own[64] = {};
    ASSERT_GT(readlink("/proc/self/ns/net", own, sizeof own - 1), 0);
    EXPECT_NE(said.substr(2), own);
}

TEST(WorkerProcess, TellsHowItEnded) {
    EXPECT_EQ(shell("exit 3").wait(), "exited with status 3");
}

TEST(WorkerProcess, TakesEverythingWithItWhenItsParentIsKilled) {
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // so that the orphan can be waited for
    auto [here, there] = socket_pair(SOCK_STREAM);
    const pid_t parent = fork();
    if (parent == 0) {
        here.reset();
        WorkerProcess worker = shell("sleep 1000 & sleep 1000 & wait");
        const int pid = worker.pid();
        write_all(there.get(), std::string_view(reinterpret_cast<const char*>(&pid), sizeof pid));
        pause();
        _exit(0);
    }
    there.reset();
    int worker = 0;
    ASSERT_EQ(read(here.get(), &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
    EXPECT_EQ(kill(worker, 0), 0);
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
    int status = 0;
    EXPECT_EQ(waitpid(worker, &status, 0), worker);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_EQ(kill(worker, 0), -1);
}

}  // namespace
}  // namespace tcpwitness
