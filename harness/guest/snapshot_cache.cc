#include "guest/snapshot_cache.hh"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/error.hh"
#include "guest/file_lock.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinished = ".unfinished";
constexpr std::chrono::hours kKeepFor{24 * 14};
constexpr size_t kKeepCount = 24;  // about 70 MB each

fs::file_time_type last_use(const fs::path& snapshot) {
    std::error_code failure;
    const auto time = fs::last_write_time(snapshot / kManifestFile, failure);
    return failure ? fs::file_time_type::min() : time;
}

}  // namespace

SnapshotCache::SnapshotCache(const fs::path& directory) : directory_(directory) {
    std::error_code failure;
    fs::create_directories(directory_, failure);
    if (failure) throw Error(fmt::format("mkdir {}: {}", directory_.string(), failure.message()));
}

std::optional<Snapshot> SnapshotCache::find(const std::string& key, std::string& why) const {
    return Snapshot::open(directory_ / key, why);
}

Snapshot SnapshotCache::make(const std::string& key, const std::function<void(const fs::path&)>& fill) {
    prune(kKeepFor, kKeepCount);
    const fs::path unfinished = directory_ / (key + kUnfinished);
    fs::remove_all(unfinished);  // left by a run that died
    fs::create_directory(unfinished);
    try {
        fill(unfinished);
        fs::remove_all(directory_ / key);
        fs::rename(unfinished, directory_ / key);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
    std::string why;
    std::optional<Snapshot> snapshot = find(key, why);
    if (!snapshot) throw Error(fmt::format("the snapshot just made in {} cannot be used: {}", directory_.string(), why));
    return std::move(*snapshot);
}

void SnapshotCache::prune(std::chrono::hours age, size_t keep) {
    std::vector<std::pair<fs::file_time_type, fs::path>> snapshots;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_))
        if (entry.is_directory()) snapshots.emplace_back(last_use(entry.path()), entry.path());
    std::sort(snapshots.rbegin(), snapshots.rend());
    const auto oldest = fs::file_time_type::clock::now() - age;
    for (size_t i = 0; i < snapshots.size(); ++i) {
        const auto& [used, path] = snapshots[i];
        if (i < keep && used > oldest) continue;
        std::string key = path.filename().string();
        if (key.ends_with(kUnfinished)) key.erase(key.size() - std::string_view(kUnfinished).size());
        // One that is being made is locked, and stays.
        const std::optional<FileLock> lock = FileLock::try_lock(lock_path(key));
        if (!lock) continue;
        std::error_code ignored;
        fs::remove_all(path, ignored);
        fs::remove(lock_path(key), ignored);
    }
}

}  // namespace tcpwitness::guest
