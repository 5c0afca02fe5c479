#include "guest/deadline.hh"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/error.hh"

namespace tcpwitness::guest {

bool wait_readable(int descriptor, Deadline deadline, const char* object) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::clamp<int64_t>(left.count(), 0, 3'600'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) throw_system_error("poll", object);
        if (ready == 0 && left.count() <= 0) return false;
    }
}

}  // namespace tcpwitness::guest
