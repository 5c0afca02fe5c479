// Every setting of a kernel, inside and outside of network namespaces.
#pragma once

#include <string>
#include <vector>

namespace tcpwitness {

// The keys below /proc/sys of a guest kernel, or of this machine's as this process sees it (`kernel` empty), with dots.
// Throws Error when the guest cannot be run.
std::vector<std::string> kernel_keys(const std::string& kernel);

}  // namespace tcpwitness
