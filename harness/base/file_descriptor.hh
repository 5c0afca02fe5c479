// A file descriptor as a C++ resource: closed when it goes out of scope, moved but never copied.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tcpwitness {

class FileDescriptor {
  public:
    FileDescriptor() = default;
    // Takes ownership of `descriptor`; -1 means none.
    explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
    ~FileDescriptor() { reset(); }

    FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    int get() const { return descriptor_; }
    bool is_open() const { return descriptor_ >= 0; }
    explicit operator bool() const { return is_open(); }
    int release() { return std::exchange(descriptor_, -1); }
    void reset();

    // A second descriptor for the same open file, CLOEXEC.
    FileDescriptor duplicate() const;

  private:
    int descriptor_ = -1;
};

// Opens `path` with O_CLOEXEC added to `flags`. Throws SystemError("open", path).
FileDescriptor open_file(const std::string& path, int flags, unsigned mode = 0600);

// The whole content of a file, /proc and /sys files included. Throws SystemError.
std::string read_file(const std::string& path);
std::string read_all(int descriptor);

// Writes all of `content`; short writes are continued. Throws SystemError.
void write_file(const std::string& path, std::string_view content);
void write_all(int descriptor, std::string_view content);

// A pair of connected Unix sockets of `type` (SOCK_STREAM or SOCK_SEQPACKET), both CLOEXEC.
std::pair<FileDescriptor, FileDescriptor> socket_pair(int type);

}  // namespace tcpwitness
