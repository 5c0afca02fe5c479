#include "guest/kernel_store.hh"

#include <gtest/gtest.h>

#include "base/error.hh"
#include "guest/boot_image.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

// The parts of a bzImage that say what version it is.
std::string image_of(const std::string& version) {
    std::string image(0x1000, '\0');
    image.replace(0x202, 4, "HdrS");
    image[0x20e] = '\0';
    image[0x20f] = '\x02';  // 0x200 + 512
    image.replace(0x400, version.size(), version);
    return image;
}

TEST(KernelStore, ReleasesAreOrderedByNumbers) {
    EXPECT_LT(compare_releases("6.9.1", "6.12.0"), 0);
    EXPECT_LT(compare_releases("6.1.0-50-cloud-amd64", "6.1.0-100-cloud-amd64"), 0);
    EXPECT_LT(compare_releases("7.2-rc1", "7.2"), 0);
    EXPECT_GT(compare_releases("7.2.1", "7.2"), 0);
    EXPECT_EQ(compare_releases("6.12", "6.12"), 0);
}

TEST(KernelStore, ASeriesIsNoPrefixOfDigits) {
    EXPECT_TRUE(release_matches("6.1.0-50-cloud-amd64", "6.1"));
    EXPECT_TRUE(release_matches("6.12.107+deb13-cloud-amd64", "6.12.107"));
    EXPECT_FALSE(release_matches("6.12.107+deb13-cloud-amd64", "6.1"));
    EXPECT_FALSE(release_matches("6.12.107+deb13-cloud-amd64", "6.12.10"));
    EXPECT_FALSE(release_matches("6.12", ""));
}

TEST(KernelStore, FindsKernelsInCacheAndBoot) {
    const TemporaryFolder folder;
    folder.file("cache/6.12.9-cloud-amd64/vmlinuz", "x");
    folder.file("cache/6.1.0-9-cloud-amd64/vmlinuz", "x");
    folder.file("cache/.unfinished-7.2/vmlinuz", "x");
    folder.file("cache/5.10.0-1-cloud-amd64/config", "no image");
    const auto cached = kernels_in_cache(folder.path() / "cache");
    ASSERT_EQ(cached.size(), 2u);
    EXPECT_EQ(cached[0].release, "6.1.0-9-cloud-amd64");
    EXPECT_EQ(cached[1].modules, folder.path() / "cache/6.12.9-cloud-amd64/modules");

    folder.file("boot/vmlinuz-6.5.1", "x");
    folder.file("boot/config-6.5.1", "x");
    folder.file("modules/6.5.1/modules.dep", "");
    const auto booted = kernels_in_boot(folder.path() / "boot", folder.path() / "modules");
    ASSERT_EQ(booted.size(), 1u);
    EXPECT_EQ(booted[0].release, "6.5.1");
    EXPECT_EQ(booted[0].modules, folder.path() / "modules/6.5.1");
    EXPECT_TRUE(kernels_in_boot(folder.path() / "nowhere", "/").empty());
}

TEST(KernelStore, AnImageFileSaysItsRelease) {
    const TemporaryFolder folder;
    const std::string path = folder.file("bzImage", image_of("6.19.0-rc3 (someone@host) #1 SMP"));
    EXPECT_EQ(kernel_release_of(path), "6.19.0-rc3");
    const KernelImage kernel = find_kernel(path);
    EXPECT_EQ(kernel.release, "6.19.0-rc3");
    EXPECT_EQ(kernel.origin, "file");
    EXPECT_THROW(kernel_release_of(folder.file("text", "not a kernel")), Error);
}

TEST(KernelStore, ABuildTreeIsAKernelWithItsModules) {
    const TemporaryFolder folder;
    folder.file("linux/arch/x86/boot/bzImage", image_of("6.19.0-mine (x)"));
    const KernelImage kernel = find_kernel((folder.path() / "linux").string());
    EXPECT_EQ(kernel.release, "6.19.0-mine");
    EXPECT_EQ(kernel.modules, folder.path() / "linux");
    EXPECT_EQ(kernel.origin, "build tree");
    EXPECT_THROW(find_kernel(folder.path().string() + "/"), Error);
}

TEST(KernelStore, WhatThereIsNotSaysWhatThereIs) {
    const TemporaryFolder folder;
    folder.file("tcpwitness/kernels/6.12.9-cloud-amd64/vmlinuz", "x");
    setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
    EXPECT_EQ(find_kernel("6.12").release, "6.12.9-cloud-amd64");
    try {
        find_kernel("4.19");
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("6.12.9-cloud-amd64"), std::string::npos) << error.what();
    }
    EXPECT_EQ(remove_kernels("6.12"), std::vector<std::string>{"6.12.9-cloud-amd64"});
    EXPECT_THROW(remove_kernels("6.12"), Error);
    unsetenv("XDG_CACHE_HOME");
}

TEST(BootImage, DamagedImagesAreNamed) {
    EXPECT_THROW(extract_vmlinux("short", "x"), Error);
    std::string image = image_of("6.1 (x)");
    image[0x248] = '\x7f';
    image[0x24d] = '\x7f';
    EXPECT_THROW(extract_vmlinux(image, "x"), Error);
    EXPECT_FALSE(has_pvh_entry("not an ELF file"));
}

}  // namespace
}  // namespace tcpwitness::guest
