// Memory mappings as resources: a file's content read without copying it, and a shared region to exchange bytes in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/file_descriptor.hh"

namespace tcpwitness::guest {

// A mapped range; unmapped when it goes out of scope.
class Mapping {
  public:
    Mapping() = default;
    // Maps `size` bytes of `descriptor` from `offset`. `object` names it in errors. Throws SystemError("mmap").
    Mapping(int descriptor, size_t size, int protection, int flags, off_t offset, std::string_view object);
    ~Mapping();
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;

    char* data() const { return static_cast<char*>(start_); }
    size_t size() const { return size_; }

  private:
    void* start_ = nullptr;
    size_t size_ = 0;
};

// A whole file, read-only. An empty file has empty bytes.
class MappedFile {
  public:
    explicit MappedFile(const std::string& path);
    std::string_view bytes() const { return {mapping_.data(), mapping_.size()}; }

  private:
    Mapping mapping_;
};

// A file without a name, CLOEXEC, of `size` bytes (zero: grows when written). Throws SystemError("memfd_create").
FileDescriptor anonymous_file(const std::string& name, size_t size = 0);

}  // namespace tcpwitness::guest
