#include "base/kernel_version.hh"

#include <gtest/gtest.h>
#include <sys/utsname.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

TEST(KernelVersion, IsReadFromTheStartOfARelease) {
    EXPECT_EQ(parse_kernel_version("6.12.9+deb12-cloud-amd64"), (KernelVersion{6, 12, 9}));
    EXPECT_EQ(parse_kernel_version("6.14"), (KernelVersion{6, 14, 0}));
    EXPECT_EQ(parse_kernel_version("7"), (KernelVersion{7, 0, 0}));
    EXPECT_EQ(parse_kernel_version("7.2.0-rc3"), (KernelVersion{7, 2, 0}));
    EXPECT_EQ(parse_kernel_version("6.1-foo"), (KernelVersion{6, 1, 0}));
    EXPECT_LT(parse_kernel_version("6.9"), parse_kernel_version("6.14"));
    EXPECT_THROW(parse_kernel_version("linux"), Error);
    EXPECT_THROW(parse_kernel_version(""), Error);
    EXPECT_THROW(parse_kernel_version("-6.1"), Error);
}

TEST(KernelVersion, OfTheRunningKernelIsThatOfUname) {
    utsname name{};
    ASSERT_EQ(uname(&name), 0);
    EXPECT_EQ(running_kernel_version(), parse_kernel_version(name.release));
    EXPECT_GT(running_kernel_version(), (KernelVersion{4, 0, 0}));
}

}  // namespace
}  // namespace tcpwitness
