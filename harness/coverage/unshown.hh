// Settings and options that no case can show, and why.
#pragma once

#include <cstddef>
#include <string_view>

namespace tcpwitness {

// Why nothing of this setting or option could be seen in a run; empty when it could.
std::string_view why_unshown(std::string_view name);
// How many such names there are.
size_t unshown_count();

}  // namespace tcpwitness
