// Channel: framed messages over a Unix socketpair. Control never goes over the network under test.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.hh"

namespace tcpwitness {

// One end of a SOCK_STREAM socketpair. A frame is a length (4 bytes, network order) and that many bytes.
class Channel {
  public:
    explicit Channel(FileDescriptor socket);

    int descriptor() const { return socket_.get(); }

    // Sends a whole frame; blocks until it is written. Throws SystemError.
    void send(std::string_view message);

    // The next whole frame, waiting for it; nothing when the other end has closed. Throws SystemError.
    std::optional<std::string> receive();

    // Reads what is there without waiting; nothing when no whole frame is there yet. `closed()` tells the end.
    std::optional<std::string> try_receive();
    bool closed() const { return closed_; }

  private:
    std::optional<std::string> take_frame();

    FileDescriptor socket_;
    std::string buffer_;
    bool closed_ = false;
};

}  // namespace tcpwitness
