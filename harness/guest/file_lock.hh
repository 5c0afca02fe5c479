// A lock that two runs of this program can hold one after the other; the kernel releases it when its holder dies.
#pragma once

#include <filesystem>
#include <optional>

#include "base/file_descriptor.hh"

namespace tcpwitness::guest {

class FileLock {
  public:
    // Waits until the lock on `path` (made when missing) is free, and takes it. Throws SystemError.
    explicit FileLock(const std::filesystem::path& path);
    // Takes it only when it is free.
    static std::optional<FileLock> try_lock(const std::filesystem::path& path);

  private:
    FileLock() = default;
    FileDescriptor file_;
};

}  // namespace tcpwitness::guest
