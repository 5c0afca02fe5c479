#include "base/error.hh"

#include <gtest/gtest.h>

#include <cerrno>

namespace tcpwitness {
namespace {

TEST(Error, NamesTheCallTheObjectAndTheKernelsWords) {
    EXPECT_STREQ(SystemError("open", "/x", ENOENT).what(), "open /x: No such file or directory");
    EXPECT_STREQ(NetlinkError("RTM_NEWLINK", "veth c0", EEXIST, "Name taken").what(),
                 "RTM_NEWLINK veth c0: File exists (Name taken)");
}

TEST(Error, CheckSystemThrowsOnlyForFailures) {
    EXPECT_EQ(check_system(0, "close", ""), 0);
    errno = EBADF;
    EXPECT_THROW(check_system(-1, "close", "7"), SystemError);
}

TEST(Error, KnowsErrnoNames) {
    EXPECT_EQ(errno_value("EADDRINUSE"), EADDRINUSE);
    EXPECT_EQ(errno_value("EWOULDBLOCK"), EAGAIN);
    EXPECT_EQ(errno_value("ENOSUCHNAME"), 0);
    EXPECT_EQ(errno_name(ECONNREFUSED), "ECONNREFUSED");
}

}  // namespace
}  // namespace tcpwitness
