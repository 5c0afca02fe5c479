#include "actors/output_reader.hh"

#include <fmt/core.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>

namespace tcpwitness {

OutputReader::OutputReader(boost::asio::io_context& context, FileDescriptor pipe,
                           std::function<void(std::string)> output)
    : pipe_(context, pipe.release()), output_(std::move(output)) {
    pipe_.native_non_blocking(true);
}

void OutputReader::start() {
    read_next();
}

void OutputReader::read_next() {
    pipe_.async_read_some(boost::asio::buffer(buffer_),
                          [self = shared_from_this()](const boost::system::error_code& error, size_t length) {
                              if (error) return;  // the end, or stopped
                              self->take({self->buffer_.data(), length});
                              if (self->pipe_.is_open()) self->read_next();
                          });
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
    std::array<char, 16384> bytes;
    while (pipe_.is_open() && !finished_) {
        const ssize_t length = read(pipe_.native_handle(), bytes.data(), bytes.size());
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) break;
        take({bytes.data(), static_cast<size_t>(length)});
    }
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
