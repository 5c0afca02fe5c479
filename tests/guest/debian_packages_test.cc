#include "guest/debian_packages.hh"

#include <gtest/gtest.h>

namespace tcpwitness::guest {
namespace {

const char* kListing =
    "Package: linux-image-6.1.0-9-cloud-amd64\nVersion: 6.1.90-1\nDepends: kmod, linux-base (>= 4.3~)\n\n"
    "Package: linux-image-6.1.0-0.deb11.52-cloud-amd64\nVersion: 6.1.180-1~deb11u1\n\n"
    "Package: linux-image-6.1.0-50-cloud-amd64\nVersion: 6.1.176-1\n\n"
    "Package: linux-image-6.1-cloud-amd64\nVersion: 6.1.999-1\n\n"
    "Package: linux-image-6.18.5+deb13-cloud-amd64\nVersion: 6.18.5-1~bpo13+1\n\n"
    "Package: linux-image-7.2.13+deb14-cloud-amd64\nVersion: 7.2.13-1\nDescription: split\n of three\n"
    "Depends: dracut | initramfs-tools (>= 0.120),\n linux-binary-7.2.13+deb14-cloud-amd64 (= 7.2.13-1),\n"
    " linux-modules-7.2.13+deb14-cloud-amd64 (= 7.2.13-1)\n";

TEST(DebianPackages, VersionsAreOrderedByDebiansRule) {
    EXPECT_LT(compare_debian_versions("6.1.9-1", "6.1.10-1"), 0);
    EXPECT_LT(compare_debian_versions("6.12.5-1~bpo12+1", "6.12.5-1"), 0);
    EXPECT_GT(compare_debian_versions("1:1.0", "2.0"), 0);
    EXPECT_LT(compare_debian_versions("1.0a", "1.0+b"), 0);
    EXPECT_EQ(compare_debian_versions("6.1.0", "6.1.00"), 0);
    EXPECT_GT(compare_debian_versions("7.2.13-1", "7.2.9-1"), 0);
}

TEST(DebianPackages, StanzasAreReadWithContinuedLines) {
    const auto packages = parse_packages(kListing);
    ASSERT_EQ(packages.size(), 6u);
    EXPECT_EQ(packages[0].depends, (std::vector<std::string>{"kmod", "linux-base"}));
    EXPECT_EQ(packages[5].depends, (std::vector<std::string>{"dracut", "linux-binary-7.2.13+deb14-cloud-amd64",
                                                             "linux-modules-7.2.13+deb14-cloud-amd64"}));
}

TEST(DebianPackages, MetapackagesAndOthersAreNoKernels) {
    EXPECT_TRUE(is_kernel_package("linux-image-6.1.0-50-cloud-amd64"));
    EXPECT_FALSE(is_kernel_package("linux-image-6.1-cloud-amd64"));
    EXPECT_FALSE(is_kernel_package("linux-image-cloud-amd64"));
    EXPECT_FALSE(is_kernel_package("linux-image-6.1.0-50-amd64"));
    EXPECT_FALSE(is_kernel_package("linux-image-6.1.0-50-cloud-amd64-dbg"));
    EXPECT_EQ(release_of_package("linux-image-6.1.0-50-cloud-amd64"), "6.1.0-50-cloud-amd64");
}

TEST(DebianPackages, TheNewestOfASeriesIsLookedUp) {
    const auto packages = parse_packages(kListing);
    EXPECT_EQ(newest_of_series(packages, "6.1")->version, "6.1.180-1~deb11u1");
    EXPECT_EQ(newest_of_series(packages, "6.1.0-50")->version, "6.1.176-1");
    EXPECT_EQ(newest_of_series(packages, "newest")->version, "7.2.13-1");
    EXPECT_FALSE(newest_of_series(packages, "5.10"));
    const auto each = newest_of_each_series(packages);
    ASSERT_EQ(each.size(), 3u);
    EXPECT_EQ(series_of_version(each[0].version), "6.1");
    EXPECT_EQ(series_of_version(each[2].version), "7.2");
}

TEST(DebianPackages, TheMirrorIsTheMachinesOwn) {
    const DebianMirror deb822 = find_mirror(
        {"Types: deb\nURIs: http://mirror.example/node\nSuites: bookworm\nComponents: main\n",
         "# comment\nTypes: deb deb-src\nURIs: http://mirror.example/debian/\nSuites: bookworm bookworm-updates\nComponents: main\n\n"
         "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\n"},
        {});
    EXPECT_EQ(deb822.archive, "http://mirror.example/debian");
    EXPECT_EQ(deb822.security, "http://mirror.example/debian-security");
    const DebianMirror lines = find_mirror({}, {"# deb http://no.example/debian bookworm main\n"
                                                "deb-src http://no.example/debian bookworm main\n"
                                                "deb [arch=amd64 signed-by=/k] http://yes.example/debian trixie main contrib\n"
                                                "deb http://other.example/debian docker stable\n"});
    EXPECT_EQ(lines.archive, "http://yes.example/debian");
    EXPECT_EQ(lines.security, "");
    EXPECT_EQ(find_mirror({}, {"deb http://other.example/ubuntu noble main\n"}).archive, "");
}

}  // namespace
}  // namespace tcpwitness::guest
