// PacketCapture: every packet that passes the interfaces of one host, both ways, with the kernel's stamp of the moment.
// One AF_PACKET socket for all interfaces of a namespace: closing such a socket waits for an RCU grace period (8 ms).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.hh"
#include "base/time.hh"
#include "network/namespace.hh"
#include "observers/monotonic_clock.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

struct CapturedPacket {
    Duration at{};  // CLOCK_MONOTONIC
    std::string interface;
    Direction direction = Direction::sent;
    bool checksum_left_to_device = false;
    std::string_view bytes;  // from the IP header on; valid during the call
};

class PacketCapture {
  public:
    // Watches `interfaces`, which are there already, and "lo", where a packet that was sent counts as arrived too.
    // `buffer_bytes` is room for packets until drain(), their bookkeeping in the kernel included; an ordinary user gets
    // no more than net.core.rmem_max. Throws SystemError naming the call.
    PacketCapture(const NetworkNamespace& network_namespace, const std::vector<std::string>& interfaces,
                  int buffer_bytes = 64 << 20);
    ~PacketCapture();
    PacketCapture(PacketCapture&&) noexcept;

    int descriptor() const { return socket_.get(); }

    // Gives the packets that are there, in the order of capture; those sent over "lo" twice. Throws SystemError.
    void drain(const std::function<void(const CapturedPacket&)>& take);

    // Packets that found the buffer full, since the last call. Throws SystemError.
    int64_t take_lost();

  private:
    class Batch;

    void open(const std::vector<std::string>& interfaces, int buffer_bytes);
    void set_buffer(int bytes);

    std::string host_;
    FileDescriptor socket_;
    std::map<int, std::string> interfaces_;
    int loopback_ = 0;
    std::unique_ptr<Batch> batch_;
    MonotonicClock clock_;
    Duration last_drain_{};
};

// Returns when the kernel stamps packets as they pass, which it does as long as the descriptor is open. Asking for stamps
// switches them on for the whole machine, but only some time later; a packet that passes before is stamped when it is read,
// which would be a lie. Makes a namespace of its own for the trial. Throws Error when stamps do not come within a second.
FileDescriptor keep_packet_stamps();

}  // namespace tcpwitness
