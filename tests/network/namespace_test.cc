#include "network/namespace.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <thread>

#include "base/error.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

uint64_t present_namespace() {
    struct stat status {};
    check_system(stat("/proc/thread-self/ns/net", &status), "stat", "");
    return status.st_ino;
}

class NamespaceTest : public KernelTest {};

TEST_F(NamespaceTest, IsMadeWithoutMovingTheCaller) {
    const uint64_t before = present_namespace();
    const NetworkNamespace made("made");
    EXPECT_EQ(present_namespace(), before);
    EXPECT_NE(made.inode(), before);
    EXPECT_NE(fcntl(made.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(NamespaceTest, AGuardGoesInAndComesBack) {
    const uint64_t before = present_namespace();
    const NetworkNamespace outer("outer");
    const NetworkNamespace inner("inner");
    {
        const NamespaceGuard in_outer(outer);
        EXPECT_EQ(present_namespace(), outer.inode());
        {
            const NamespaceGuard in_inner(inner);
            EXPECT_EQ(present_namespace(), inner.inode());
        }
        EXPECT_EQ(present_namespace(), outer.inode());
    }
    EXPECT_EQ(present_namespace(), before);
}

TEST_F(NamespaceTest, AGuardMovesOnlyItsOwnThread) {
    const uint64_t before = present_namespace();
    const NetworkNamespace made("made");
    uint64_t seen = 0;
    std::thread([&] {
        const NamespaceGuard guard(made);
        seen = present_namespace();
    }).join();
    EXPECT_EQ(seen, made.inode());
    EXPECT_EQ(present_namespace(), before);
}

TEST_F(NamespaceTest, AGuardForSomethingElseStaysWhereItWas) {
    const uint64_t before = present_namespace();
    const FileDescriptor null = open_file("/dev/null", O_RDONLY);
    EXPECT_THROW(NamespaceGuard guard(null.get()), SystemError);
    EXPECT_EQ(present_namespace(), before);
}

TEST_F(NamespaceTest, IsMovedWithItsSocket) {
    NetworkNamespace first("first");
    const uint64_t inode = first.inode();
    const NetworkNamespace second = std::move(first);
    EXPECT_EQ(second.inode(), inode);
    EXPECT_EQ(second.name(), "first");
}

// What a child of a worker sees: its own network, itself as process 1 in /proc, mounts that reach nobody else.
TEST_F(NamespaceTest, PrivateNamespacesAreThoseOfTheProcess) {
    const pid_t worker = fork();
    if (worker == 0) {
        const uint64_t before = present_namespace();
        enter_private_namespaces(false);
        if (present_namespace() == before) _exit(1);
        const pid_t first = fork();
        if (first == 0) {
            if (getpid() != 1) _exit(2);
            if (mount_private_proc() && !std::filesystem::exists("/proc/1/task/1")) _exit(3);
            if (mount("none", "/mnt", "tmpfs", 0, nullptr) != 0) _exit(4);
            _exit(0);
        }
        int status = 0;
        waitpid(first, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    int status = 0;
    ASSERT_EQ(waitpid(worker, &status, 0), worker);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(read_file("/proc/self/mounts").find(" /mnt tmpfs"), std::string::npos);
}

}  // namespace
}  // namespace tcpwitness
