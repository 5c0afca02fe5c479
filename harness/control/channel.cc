#include "control/channel.hh"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kObject = "control channel";
constexpr size_t kHeader = sizeof(uint32_t);

// The descriptor may have been made non-blocking by an event loop.
void wait_for(int descriptor, short events) {
    pollfd entry{.fd = descriptor, .events = events, .revents = 0};
    while (poll(&entry, 1, -1) < 0) {
        if (errno != EINTR) throw_system_error("poll", kObject);
    }
}

// Drops the first `length` bytes of the two parts.
void advance(std::array<iovec, 2>& parts, size_t length) {
    for (iovec& part : parts) {
        const size_t taken = std::min(length, part.iov_len);
        part.iov_base = static_cast<char*>(part.iov_base) + taken;
        part.iov_len -= taken;
        length -= taken;
    }
}

}  // namespace

Channel::Channel(FileDescriptor socket) : socket_(std::move(socket)) {}

void Channel::send(std::string_view message) {
    if (message.size() > kLongestFrame)
        throw Error(fmt::format("{}: a frame of {} bytes is too long", kObject, message.size()));
    uint32_t header = htonl(static_cast<uint32_t>(message.size()));
    std::array<iovec, 2> parts{{{&header, kHeader}, {const_cast<char*>(message.data()), message.size()}}};
    while (parts[0].iov_len + parts[1].iov_len > 0) {
        msghdr packet{};
        packet.msg_iov = parts.data();
        packet.msg_iovlen = parts.size();
        const ssize_t length = sendmsg(socket_.get(), &packet, MSG_NOSIGNAL);
        if (length >= 0) {
            advance(parts, static_cast<size_t>(length));
        } else if (errno == EAGAIN) {
            wait_for(socket_.get(), POLLOUT);
        } else if (errno != EINTR) {
            throw_system_error("send", kObject);
        }
    }
}

std::optional<std::string> Channel::receive() {
    while (true) {
        if (auto frame = take_frame()) return frame;
        if (closed_) return std::nullopt;
        if (!fill(0) && !closed_) wait_for(socket_.get(), POLLIN);
    }
}

std::optional<std::string> Channel::try_receive() {
    while (true) {
        if (auto frame = take_frame()) return frame;
        if (closed_ || !fill(MSG_DONTWAIT)) return std::nullopt;
    }
}

bool Channel::fill(int flags) {
    std::array<char, 65536> bytes;
    ssize_t length = 0;
    do {
        length = recv(socket_.get(), bytes.data(), bytes.size(), flags);
    } while (length < 0 && errno == EINTR);
    if (length < 0 && errno == EAGAIN) return false;
    // ECONNRESET: the other end closed without having read all that was sent to it. What it had sent came before.
    if (length < 0 && errno != ECONNRESET) throw_system_error("recv", kObject);
    if (length > 0) {
        buffer_.append(bytes.data(), static_cast<size_t>(length));
        return true;
    }
    closed_ = true;
    if (taken_ != buffer_.size()) throw Error(fmt::format("{}: it ended inside a frame", kObject));
    return false;
}

std::optional<std::string> Channel::take_frame() {
    const size_t held = buffer_.size() - taken_;
    if (held < kHeader) return std::nullopt;
    uint32_t header = 0;
    std::memcpy(&header, buffer_.data() + taken_, kHeader);
    const size_t length = ntohl(header);
    if (length > kLongestFrame) throw Error(fmt::format("{}: a frame of {} bytes is too long", kObject, length));
    if (held < kHeader + length) return std::nullopt;
    std::string frame = buffer_.substr(taken_ + kHeader, length);
    taken_ += kHeader + length;
    if (taken_ == buffer_.size()) {
        buffer_.clear();
        taken_ = 0;
    }
    return frame;
}

}  // namespace tcpwitness
