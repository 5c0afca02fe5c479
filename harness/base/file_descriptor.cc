#include "base/file_descriptor.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.hh"

namespace tcpwitness {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        reset();
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

void FileDescriptor::reset() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
}

FileDescriptor FileDescriptor::duplicate() const {
    return FileDescriptor(check_system(fcntl(descriptor_, F_DUPFD_CLOEXEC, 3), "fcntl F_DUPFD_CLOEXEC", ""));
}

FileDescriptor open_file(const std::string& path, int flags, unsigned mode) {
    return FileDescriptor(check_system(open(path.c_str(), flags | O_CLOEXEC, mode), "open", path));
}

std::string read_all(int descriptor) {
    std::string content;
    std::array<char, 65536> buffer;
    while (true) {
        const ssize_t length = read(descriptor, buffer.data(), buffer.size());
        if (length < 0 && errno == EINTR) continue;
        if (check_system(length, "read", "") == 0) return content;
        content.append(buffer.data(), static_cast<size_t>(length));
    }
}

std::string read_file(const std::string& path) {
    const FileDescriptor file = open_file(path, O_RDONLY);
    try {
        return read_all(file.get());
    } catch (const SystemError& error) {
        throw SystemError("read", path, error.error_number());
    }
}

void write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t length = write(descriptor, content.data(), content.size());
        if (length < 0 && errno == EINTR) continue;
        content.remove_prefix(static_cast<size_t>(check_system(length, "write", "")));
    }
}

void write_file(const std::string& path, std::string_view content) {
    const FileDescriptor file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    try {
        write_all(file.get(), content);
    } catch (const SystemError& error) {
        throw SystemError("write", path, error.error_number());
    }
}

std::pair<FileDescriptor, FileDescriptor> socket_pair(int type) {
    std::array<int, 2> ends{};
    check_system(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()), "socketpair", "AF_UNIX");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

}  // namespace tcpwitness
