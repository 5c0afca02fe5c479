#include "guest/archive.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

std::string small_archive() {
    CpioWriter writer;
    writer.add({"etc", S_IFDIR | 0755, ""});
    writer.add({"etc/motd", S_IFREG | 0640, "hello"});
    writer.add({"etc/link", S_IFLNK | 0777, "motd"});
    writer.add({"empty", S_IFREG | 0644, ""});
    return writer.finish();
}

TEST(Archive, CpioIsNewcAndTheSameEachTime) {
    const std::string archive = small_archive();
    EXPECT_EQ(archive.substr(0, 6), "070701");
    EXPECT_NE(archive.find("TRAILER!!!"), std::string::npos);
    EXPECT_EQ(archive, small_archive());
}

TEST(Archive, CpioComesBackAsItWas) {
    const TemporaryFolder folder;
    unpack_cpio(small_archive(), folder.path());
    EXPECT_EQ(read_file((folder.path() / "etc/motd").string()), "hello");
    EXPECT_EQ(std::filesystem::read_symlink(folder.path() / "etc/link"), "motd");
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "empty"), 0u);
    unpack_cpio(small_archive(), folder.path());  // over what is there
    EXPECT_EQ(read_file((folder.path() / "etc/link").string()), "hello");
}

TEST(Archive, DecompressLeavesPlainBytesAlone) { EXPECT_EQ(decompress("plain bytes", "x"), "plain bytes"); }

TEST(Archive, DecompressReadsGzip) {
    // printf hi | gzip -n
    const std::string gzip("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xc8\x04\x00\xac\x2a\x93\xd8\x02\x00\x00\x00", 22);
    EXPECT_EQ(decompress(gzip, "x"), "hi");
}

TEST(Archive, WhatIsNoPackageIsNamed) {
    const TemporaryFolder folder;
    const std::string path = folder.file("broken.deb", "this is no package");
    try {
        unpack_deb(path, [](const std::string&) { return std::filesystem::path(); });
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("broken.deb"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace tcpwitness::guest
