#include "guest/file_lock.hh"

#include <fcntl.h>
#include <sys/file.h>

#include "base/error.hh"

namespace tcpwitness::guest {

FileLock::FileLock(const std::filesystem::path& path) : file_(open_file(path.string(), O_RDWR | O_CREAT)) {
    while (flock(file_.get(), LOCK_EX) != 0)
        if (errno != EINTR) throw_system_error("flock", path.string());
}

std::optional<FileLock> FileLock::try_lock(const std::filesystem::path& path) {
    FileLock lock;
    lock.file_ = open_file(path.string(), O_RDWR | O_CREAT);
    if (flock(lock.file_.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) throw_system_error("flock", path.string());
    return std::nullopt;
}

}  // namespace tcpwitness::guest
