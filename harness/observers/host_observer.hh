// HostObserver: what watches one host: packet capture, socket table, counters.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "observers/counters.hh"
#include "observers/observers.hh"
#include "observers/packet_capture.hh"
#include "observers/socket_table.hh"

namespace tcpwitness {

class HostObserver {
  public:
    // Captures from now on. Throws SystemError or NetlinkError.
    HostObserver(const ObservedHost& host, Duration origin);

    // Forgets what was captured and counts from now: the story begins.
    void begin();

    const std::string& name() const { return name_; }
    uint64_t inode() const { return inode_; }
    std::optional<int> descriptor() const;
    SocketTable* table() { return table_ ? &*table_ : nullptr; }
    Counters& counters() { return *counters_; }

    // Gives a SegmentSeen or PacketSeen for every packet; neighbour discovery and the like are left out.
    void drain(const std::function<void(Event)>& take);
    // Takes one RCU grace period, 8 ms at HZ=250.
    void stop_capture() { capture_.reset(); }
    int64_t take_lost() { return capture_ ? capture_->take_lost() : 0; }

  private:
    const NetworkNamespace& network_namespace_;
    std::string name_;
    uint64_t inode_;
    Duration origin_;
    std::optional<PacketCapture> capture_;
    std::optional<SocketTable> table_;
    std::optional<Counters> counters_;
};

}  // namespace tcpwitness
