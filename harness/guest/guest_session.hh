// Runs one request after the other, each from the snapshot. The same QEMU is taken back to it as long as all goes well, so
// that code which one run made it translate need not be translated again for the next.
#pragma once

#include <memory>

#include "guest/guest.hh"

namespace tcpwitness::guest {

class GuestSession {
  public:
    explicit GuestSession(const Guest& guest) : guest_(guest) {}

    // As Guest::run(), with the same result. For one thread only.
    GuestAnswer run(const GuestRequest& request, std::chrono::milliseconds limit);

  private:
    void stand_at_snapshot(std::chrono::milliseconds limit);

    const Guest& guest_;
    std::unique_ptr<GuestProcess> process_;
    bool told_ = false;
};

}  // namespace tcpwitness::guest
