#include "base/error.hh"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

namespace tcpwitness {

SystemError::SystemError(std::string_view call, std::string_view object, int error_number)
    : Error(object.empty() ? fmt::format("{}: {}", call, strerror(error_number))
                           : fmt::format("{} {}: {}", call, object, strerror(error_number))),
      error_number_(error_number) {}

NetlinkError::NetlinkError(std::string_view message, std::string_view object, int error_number, std::string_view detail)
    : Error(detail.empty() ? fmt::format("{} {}: {}", message, object, strerror(error_number))
                           : fmt::format("{} {}: {} ({})", message, object, strerror(error_number), detail)),
      error_number_(error_number) {}

void throw_system_error(std::string_view call, std::string_view object) {
    throw SystemError(call, object, errno);
}

std::string errno_name(int error_number) {
    const char* name = strerrorname_np(error_number);
    return name != nullptr ? name : fmt::format("errno {}", error_number);
}

int errno_value(std::string_view name) {
    constexpr int kHighestErrno = 4095;
    if (name == "EWOULDBLOCK") return EAGAIN;
    for (int value = 1; value <= kHighestErrno; ++value) {
        const char* candidate = strerrorname_np(value);
        if (candidate != nullptr && name == candidate) return value;
    }
    return 0;
}

}  // namespace tcpwitness
