#include "guest/guest_session.hh"

#include <fmt/format.h>

#include <utility>

namespace tcpwitness::guest {

void GuestSession::stand_at_snapshot(std::chrono::milliseconds limit) {
    try {
        if (process_) return process_->revert(std::chrono::steady_clock::now() + limit);
    } catch (const Error& error) {
        process_.reset();
        if (!std::exchange(told_, true))
            guest_.log(fmt::format("{}: QEMU cannot be taken back to the snapshot, so another is started, which is slower: {}",
                                   guest_.kernel_release(), error.what()));
    }
    process_ = guest_.resume(limit);
}

GuestAnswer GuestSession::run(const GuestRequest& request, std::chrono::milliseconds limit) {
    if (!guest_.has_snapshot()) return guest_.run(request, limit);
    stand_at_snapshot(limit);
    try {
        std::string body = process_->answer(request, std::chrono::steady_clock::now() + limit);
        return {std::move(body), process_->console()};
    } catch (...) {
        process_.reset();  // what is known of it no longer holds
        throw;
    }
}

}  // namespace tcpwitness::guest
