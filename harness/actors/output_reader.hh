// OutputReader: takes what a program writes to its standard output or error, as it comes, without ever stopping the
// program and without keeping more than a bounded amount.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/file_descriptor.hh"

namespace tcpwitness {

// Gives the first 64 KiB as they come. Of what follows it keeps the last 64 KiB and gives them at the end, after a
// line that says how much was left out.
class OutputReader : public std::enable_shared_from_this<OutputReader> {
  public:
    static constexpr size_t kKept = 64 << 10;  // at the beginning and at the end

    OutputReader(boost::asio::io_context& context, FileDescriptor pipe, std::function<void(std::string)> output);

    void start();
    // Gives all that is in the pipe now, and the end of a long output. What comes later, from a process that the
    // program left behind, is read and dropped: it must not stop at a full pipe.
    void finish();
    void stop();

  private:
    enum class Read { bytes, nothing, end };

    Read read_once();
    void take(std::string_view text);

    boost::asio::posix::stream_descriptor pipe_;
    std::function<void(std::string)> output_;
    size_t given_ = 0;
    size_t left_out_ = 0;
    std::string tail_;
    bool finished_ = false;
};

}  // namespace tcpwitness
