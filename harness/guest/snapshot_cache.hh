// The user's snapshots: found by key, made in a temporary folder and put in place by one rename, the unused pruned.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "guest/snapshot.hh"

namespace tcpwitness::guest {

class SnapshotCache {
  public:
    // Makes `directory` when missing. Throws Error.
    explicit SnapshotCache(const std::filesystem::path& directory);

    // Nothing when there is no whole one; `why` says so.
    std::optional<Snapshot> find(const std::string& key, std::string& why) const;
    // Held while a snapshot is made.
    std::filesystem::path lock_path(const std::string& key) const { return directory_ / (key + ".lock"); }
    // Lets `fill` write the files of a snapshot and puts them in place of whatever was there. The caller holds the lock.
    // Throws what `fill` throws, and leaves nothing behind then.
    Snapshot make(const std::string& key, const std::function<void(const std::filesystem::path&)>& fill);
    // Removes snapshots that no one used for `age`, all but the `keep` last used, and what runs that died left.
    void prune(std::chrono::hours age, size_t keep);

  private:
    std::filesystem::path directory_;
};

}  // namespace tcpwitness::guest
