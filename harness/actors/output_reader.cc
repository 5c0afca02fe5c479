#include "actors/output_reader.hh"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tcpwitness {

OutputReader::OutputReader(boost::asio::io_context& context, FileDescriptor pipe,
                           std::function<void(std::string)> output)
    : pipe_(context, pipe.release()), output_(std::move(output)) {
    pipe_.native_non_blocking(true);
}

// Asio only says that there is something: bytes that it had read itself could wait behind the exit in its queue, and
// finish() would not find them in the pipe.
void OutputReader::start() {
    pipe_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                         if (error) return;  // stopped
                         if (self->read_once() != Read::end && self->pipe_.is_open()) self->start();
                     });
}

OutputReader::Read OutputReader::read_once() {
    std::array<char, 16384> bytes;
    ssize_t length = 0;
    do {
        length = read(pipe_.native_handle(), bytes.data(), bytes.size());
    } while (length < 0 && errno == EINTR);
    if (length < 0) return Read::nothing;
    if (length == 0) return Read::end;
    take({bytes.data(), static_cast<size_t>(length)});
    return Read::bytes;
}

void OutputReader::take(std::string_view text) {
    if (finished_) return;
    const std::string_view first = text.substr(0, kKept - given_);
    tail_ += text.substr(first.size());
    if (tail_.size() > 2 * kKept) {  // dropped in large pieces, not byte by byte
        left_out_ += tail_.size() - kKept;
        tail_.erase(0, tail_.size() - kKept);
    }
    given_ += first.size();
    if (!first.empty()) output_(std::string(first));
}

void OutputReader::finish() {
    while (pipe_.is_open() && !finished_ && read_once() == Read::bytes) continue;
    if (finished_) return;
    finished_ = true;
    if (tail_.size() > kKept) {
        left_out_ += tail_.size() - kKept;
        tail_.erase(0, tail_.size() - kKept);
    }
    if (left_out_ > 0) tail_.insert(0, fmt::format("\n[... {} bytes left out ...]\n", left_out_));
    if (!tail_.empty()) output_(std::move(tail_));
}

void OutputReader::stop() {
    finished_ = true;
    boost::system::error_code ignored;
    pipe_.close(ignored);
}

}  // namespace tcpwitness
