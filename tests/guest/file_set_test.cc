#include "guest/file_set.hh"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "guest/elf_image.hh"
#include "guest/library_search.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

std::string own_program() { return fs::canonical("/proc/self/exe").string(); }

bool holds(const FileSet& files, const std::string& ending) {
    return std::any_of(files.files().begin(), files.files().end(),
                       [&](const auto& file) { return file.first.ends_with(ending); });
}

TEST(ElfImage, ReadsInterpreterAndNeededLibraries) {
    const ElfImage image = read_elf(read_file(own_program()), "self");
    EXPECT_FALSE(image.interpreter.empty());
    EXPECT_NE(std::find(image.needed.begin(), image.needed.end(), "libc.so.6"), image.needed.end());
}

TEST(ElfImage, SaysWhatIsWrong) {
    EXPECT_THROW(read_elf("#!/bin/sh", "script"), Error);
    std::string damaged = read_file(own_program()).substr(0, 100);
    EXPECT_THROW(read_elf(damaged, "cut"), Error);
}

TEST(ElfImage, WithoutSectionsItStillRuns) {
    const TemporaryFolder folder;
    const std::string whole = read_file("/bin/true");
    const std::string cut = without_sections(whole);
    EXPECT_LE(cut.size(), whole.size());
    const std::string path = folder.file("true", cut);
    fs::permissions(path, fs::perms::owner_all);
    EXPECT_EQ(std::system(path.c_str()), 0);
}

TEST(FileSet, AProgramBringsItsLibraries) {
    FileSet files;
    files.add_program(own_program(), "");
    EXPECT_TRUE(holds(files, "libc.so.6"));
    EXPECT_TRUE(holds(files, "libstdc++.so.6"));
    EXPECT_TRUE(holds(files, fs::path(read_elf(read_file(own_program()), "self").interpreter).filename().string()));
}

TEST(FileSet, AScriptBringsItsInterpreter) {
    const TemporaryFolder folder;
    const std::string script = folder.file("script", "#!/usr/bin/env sh\nexit 0\n");
    fs::permissions(script, fs::perms::owner_all);
    FileSet files;
    EXPECT_EQ(files.add_program(script, ""), script);
    EXPECT_TRUE(holds(files, "bin/env"));
    EXPECT_TRUE(holds(files, "bin/sh"));
}

TEST(FileSet, AMissingProgramIsNamed) {
    FileSet files;
    try {
        files.add_program("no-such-program", "/usr/bin:/bin");
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "cannot pack no-such-program for the guest: there is no such program");
    }
}

TEST(FileSet, LinksAreKeptAndDirectoriesComeFirst) {
    const TemporaryFolder folder;
    folder.file("real/data", "content");
    fs::create_directory_symlink("real", folder.path() / "alias");
    FileSet files;
    files.add_path(folder.path() / "alias/data");
    const std::string base = folder.path().relative_path().string();
    ASSERT_TRUE(files.files().contains(base + "/alias"));
    EXPECT_TRUE(S_ISLNK(files.files().at(base + "/alias").mode));
    EXPECT_TRUE(files.files().contains(base + "/real/data"));
    for (const auto& [path, file] : files.files()) {
        const fs::path parent = fs::path(path).parent_path();
        EXPECT_TRUE(parent.empty() || files.files().contains(parent.string())) << path;
    }
}

TEST(FileSet, TakesOfADirectoryWhatIsWanted) {
    const TemporaryFolder folder;
    folder.file("data", "content");
    folder.file("part/library.a", "");
    folder.file("other/data", "");
    FileSet files;
    files.add_path(folder.path(), [](const fs::path& path) { return path.extension() != ".a" && path.filename() != "other"; });
    const std::string base = folder.path().relative_path().string();
    EXPECT_TRUE(files.files().contains(base + "/data"));
    EXPECT_TRUE(files.files().contains(base + "/part"));
    EXPECT_FALSE(files.files().contains(base + "/part/library.a"));
    EXPECT_FALSE(files.files().contains(base + "/other"));
    EXPECT_FALSE(files.files().contains(base + "/other/data"));
}

TEST(FileSet, TheDigestSeesContentModeAndName) {
    const TemporaryFolder folder;
    const std::string path = folder.file("data", "one");
    const auto digest = [&] {
        FileSet files;
        files.add_path(path);
        return files.digest();
    };
    const std::string before = digest();
    EXPECT_EQ(digest(), before);
    folder.file("data", "two");
    const std::string other = digest();
    EXPECT_NE(other, before);
    fs::permissions(path, fs::perms::owner_all);
    EXPECT_NE(digest(), other);
}

TEST(LibrarySearch, OriginIsTheFolderOfTheObject) {
    const TemporaryFolder folder;
    fs::create_directory(folder.path() / "lib");
    fs::copy_file("/proc/self/exe", folder.path() / "lib/libown.so");
    EXPECT_EQ(find_library("libown.so", {"$ORIGIN/lib"}, (folder.path() / "program").string()),
              (folder.path() / "lib/libown.so").string());
    EXPECT_EQ(find_library("libown.so", {}, "/x"), "");
}

}  // namespace
}  // namespace tcpwitness::guest
