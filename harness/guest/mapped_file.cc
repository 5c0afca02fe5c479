#include "guest/mapped_file.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/error.hh"

namespace tcpwitness::guest {

Mapping::Mapping(int descriptor, size_t size, int protection, int flags, off_t offset, std::string_view object)
    : size_(size) {
    if (size == 0) return;
    start_ = mmap(nullptr, size, protection, flags, descriptor, offset);
    if (start_ == MAP_FAILED) throw_system_error("mmap", object);
}

Mapping::~Mapping() {
    if (start_ != nullptr) munmap(start_, size_);
}

Mapping::Mapping(Mapping&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::MappedFile(const std::string& path) {
    const FileDescriptor file = open_file(path, O_RDONLY);
    struct stat status {};
    check_system(fstat(file.get(), &status), "fstat", path);
    mapping_ = Mapping(file.get(), static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, 0, path);
}

FileDescriptor anonymous_file(const std::string& name, size_t size) {
    FileDescriptor file(check_system(memfd_create(name.c_str(), MFD_CLOEXEC), "memfd_create", name));
    if (size > 0) check_system(ftruncate(file.get(), static_cast<off_t>(size)), "ftruncate", name);
    return file;
}

}  // namespace tcpwitness::guest
