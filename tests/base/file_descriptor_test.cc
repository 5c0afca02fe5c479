#include "base/file_descriptor.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

TEST(FileDescriptor, ClosesWhatItOwnsOnce) {
    FileDescriptor first = open_file("/dev/null", O_RDONLY);
    const int number = first.get();
    FileDescriptor second = std::move(first);
    EXPECT_FALSE(first.is_open());
    EXPECT_NE(fcntl(number, F_GETFD), -1);
    second.reset();
    EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST(FileDescriptor, IsCloseOnExec) {
    const FileDescriptor file = open_file("/dev/null", O_RDONLY);
    EXPECT_TRUE(fcntl(file.get(), F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(fcntl(file.duplicate().get(), F_GETFD) & FD_CLOEXEC);
}

TEST(FileDescriptor, NamesTheFileThatCannotBeOpened) {
    try {
        open_file("/no/such/file", O_RDONLY);
        FAIL() << "open did not throw";
    } catch (const SystemError& error) {
        EXPECT_STREQ(error.what(), "open /no/such/file: No such file or directory");
    }
}

TEST(FileDescriptor, ReadsWhatWasWritten) {
    auto [left, right] = socket_pair(SOCK_STREAM);
    write_all(left.get(), "hello");
    left.reset();
    EXPECT_EQ(read_all(right.get()), "hello");
}

}  // namespace
}  // namespace tcpwitness
