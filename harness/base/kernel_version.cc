#include "base/kernel_version.hh"

#include <fmt/core.h>
#include <sys/utsname.h>

#include <charconv>
#include <string_view>

#include "base/error.hh"

namespace tcpwitness {
namespace {

// Reads a number at the start of `text` and takes it away; false when there is none.
bool take_number(std::string_view& text, int& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return false;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return true;
}

}  // namespace

KernelVersion parse_kernel_version(const std::string& text) {
    KernelVersion version;
    std::string_view rest = text;
    if (!take_number(rest, version.major)) throw Error(fmt::format("not a kernel version: '{}'", text));
    for (int* part : {&version.minor, &version.patch}) {
        if (rest.empty() || rest.front() != '.') break;
        rest.remove_prefix(1);
        if (!take_number(rest, *part)) break;
    }
    return version;
}

KernelVersion running_kernel_version() {
    utsname name{};
    check_system(uname(&name), "uname", "");
    return parse_kernel_version(name.release);
}

}  // namespace tcpwitness
