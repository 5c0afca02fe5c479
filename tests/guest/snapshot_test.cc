#include "guest/snapshot_cache.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "guest/file_lock.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBytes = 1 << 20;

void fill(const fs::path& directory) {
    const FileDescriptor memory = create_memory_file(directory / kMemoryFile, kBytes);
    ASSERT_EQ(pwrite(memory.get(), "content", 7, 300'000), 7);
    release_zero_pages(memory, kBytes);
    for (const char* name : {kStateFile, kMachineFile})
        write_all(open_file((directory / name).string(), O_WRONLY | O_CREAT).get(), std::string("the ") + name);
    write_manifest(directory);
}

TEST(Snapshot, IsFoundOnceItIsMade) {
    const TemporaryFolder folder;
    SnapshotCache cache(folder.path());
    std::string why;
    EXPECT_FALSE(cache.find("key", why));
    const Snapshot made = cache.make("key", fill);
    EXPECT_EQ(made.machine(), "the machine");
    EXPECT_LT(made.disk_bytes(), kBytes / 4);
    const auto found = cache.find("key", why);
    ASSERT_TRUE(found) << why;
    EXPECT_EQ(read_all(found->state().get()), "the state");
    EXPECT_EQ(read_all(found->state().get()), "the state");  // each reader from the start
}

TEST(Snapshot, AHalfWrittenOneIsNeverUsed) {
    const TemporaryFolder folder;
    SnapshotCache cache(folder.path());
    cache.make("key", fill);
    fs::resize_file(folder.path() / "key" / kMemoryFile, kBytes / 2);
    std::string why;
    EXPECT_FALSE(cache.find("key", why));
    EXPECT_NE(why.find("half-written"), std::string::npos) << why;
    cache.make("key", fill);
    EXPECT_TRUE(cache.find("key", why));
    const FileDescriptor memory = open_file((folder.path() / "key" / kMemoryFile).string(), O_WRONLY);
    ASSERT_EQ(pwrite(memory.get(), "C", 1, 300'000), 1);
    EXPECT_FALSE(cache.find("key", why));
    fs::remove(folder.path() / "key" / kManifestFile);
    EXPECT_FALSE(cache.find("key", why));
}

TEST(Snapshot, AFailureLeavesNothing) {
    const TemporaryFolder folder;
    SnapshotCache cache(folder.path());
    EXPECT_THROW(cache.make("key", [](const fs::path& directory) {
        create_memory_file(directory / kMemoryFile, kBytes);
        throw Error("boot failed");
    }),
                 Error);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Snapshot, WhatADeadRunLeftIsReplaced) {
    const TemporaryFolder folder;
    folder.file("key.unfinished/memory", "left behind");
    SnapshotCache cache(folder.path());
    cache.make("key", fill);
    EXPECT_FALSE(fs::exists(folder.path() / "key.unfinished"));
}

TEST(Snapshot, NoRoomIsAClearError) {
    const TemporaryFolder folder;
    const rlimit small{kBytes / 2, kBytes / 2};
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        try {
            create_memory_file(folder.path() / kMemoryFile, kBytes);
        } catch (const SystemError& error) {
            _exit(std::string(error.what()).find("fallocate") == std::string::npos ? 2 : 0);
        }
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(Snapshot, TheLeastUsedGoFirst) {
    const TemporaryFolder folder;
    SnapshotCache cache(folder.path());
    for (const char* key : {"old", "middle", "new"}) cache.make(key, fill);
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(folder.path() / "old" / kManifestFile, now - std::chrono::hours(100));
    fs::last_write_time(folder.path() / "middle" / kManifestFile, now - std::chrono::hours(10));
    cache.prune(std::chrono::hours(50), 10);
    EXPECT_FALSE(fs::exists(folder.path() / "old"));
    EXPECT_TRUE(fs::exists(folder.path() / "middle"));
    cache.prune(std::chrono::hours(50), 1);
    EXPECT_FALSE(fs::exists(folder.path() / "middle"));
    EXPECT_TRUE(fs::exists(folder.path() / "new"));
}

TEST(Snapshot, OneThatIsBeingMadeIsNotPruned) {
    const TemporaryFolder folder;
    folder.file("busy.unfinished/memory", "x");
    SnapshotCache cache(folder.path());
    {
        const FileLock lock(cache.lock_path("busy"));
        cache.prune(std::chrono::hours(0), 0);
        EXPECT_TRUE(fs::exists(folder.path() / "busy.unfinished"));
    }
    cache.prune(std::chrono::hours(0), 0);
    EXPECT_FALSE(fs::exists(folder.path() / "busy.unfinished"));
}

TEST(FileLock, DiesWithItsHolder) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "lock";
    const pid_t child = fork();
    if (child == 0) {
        const FileLock lock(path);
        raise(SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(FileLock::try_lock(path));
    const FileLock held(path);
    EXPECT_FALSE(FileLock::try_lock(path));
}

}  // namespace
}  // namespace tcpwitness::guest
