// The version of a Linux kernel.
#pragma once

#include <compare>
#include <string>

namespace tcpwitness {

struct KernelVersion {
    int major = 0;
    int minor = 0;
    int patch = 0;

    auto operator<=>(const KernelVersion&) const = default;
};

// Reads the numbers at the start of a release ("6.12.9+deb12-cloud-amd64") or of a case's condition ("6.14").
// Throws Error when there are none.
KernelVersion parse_kernel_version(const std::string& text);

// Of the kernel that this process runs on.
KernelVersion running_kernel_version();

}  // namespace tcpwitness
