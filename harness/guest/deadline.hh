// Waiting for a descriptor, until a moment of real time.
#pragma once

#include <chrono>

namespace tcpwitness::guest {

using Deadline = std::chrono::steady_clock::time_point;

// Waits until there is something to read from `descriptor` (its end included); false when `deadline` passes first.
// `object` names it in errors. Throws SystemError("poll").
bool wait_readable(int descriptor, Deadline deadline, const char* object);

}  // namespace tcpwitness::guest
