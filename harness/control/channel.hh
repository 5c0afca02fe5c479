// Channel: framed messages over a Unix socketpair. Control never goes over the network under test.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.hh"

namespace tcpwitness {

// One end of a SOCK_STREAM socketpair. A frame is a length (4 bytes, network order) and that many bytes.
class Channel {
  public:
    // A longer frame is refused on both ends: it can only be garbage.
    static constexpr size_t kLongestFrame = 64 << 20;

    explicit Channel(FileDescriptor socket);

    int descriptor() const { return socket_.get(); }

    // Sends a whole frame; blocks until it is written. Throws SystemError, with EPIPE when the other end has closed.
    void send(std::string_view message);

    // The next whole frame, waiting for it; nothing when the other end has closed. Throws SystemError, and Error when
    // what came is no frame or ends inside one.
    std::optional<std::string> receive();

    // Reads what is there without waiting; nothing when no whole frame is there yet. `closed()` tells the end: set
    // only after the last whole frame was given. Throws as receive does.
    std::optional<std::string> try_receive();
    bool closed() const { return closed_; }

  private:
    std::optional<std::string> take_frame();
    // One recv; false when nothing is there without waiting or the end was reached.
    bool fill(int flags);

    FileDescriptor socket_;
    std::string buffer_;  // what came and was not yet given, from taken_ on
    size_t taken_ = 0;
    bool closed_ = false;
};

}  // namespace tcpwitness
