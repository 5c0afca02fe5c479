// Forwarder: path's router in user space. It takes every packet from path's two interfaces through packet sockets,
// has Forwarding decide, and gives what goes on to the other interface, through that one's qdisc (netem). The kernel of
// path must not forward as well.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.hh"
#include "faults/forwarding.hh"
#include "network/namespace.hh"

namespace tcpwitness {

// One of path's interfaces and the host behind it.
struct PathPort {
    std::string interface;
    std::string host_mac;              // "02:00:00:00:01:01", of the host behind it
    std::vector<IpAddress> addresses;  // path's own there: what comes for these is not passed on
};

class Forwarder {
  public:
    using Emit = std::function<void(FaultFired)>;
    using Clock = std::function<Instant()>;

    // Works from its construction on. Throws SystemError naming the call and the interface.
    Forwarder(const NetworkNamespace& path, PathPort to_client, PathPort to_server, Clock clock, Emit emit);

    // Descriptors to wait on for reading; then `work`.
    std::vector<int> descriptors() const;
    // When work is due without any packet.
    std::optional<Instant> next_due() const { return forwarding_.next_due(); }
    // Passes on everything that has come and what is due. Throws SystemError.
    void work();

    // The faults; what they order to be sent now goes through carry_out.
    Forwarding& forwarding() { return forwarding_; }
    void carry_out(Decision decision);

    // Packets that the kernel could not give to this process since the last call: they are lost, and nobody ordered it.
    int64_t overflowed();

  private:
    struct Port {
        PathPort plan;
        std::string host_mac;  // six bytes
        int index = 0;
        FileDescriptor socket;
    };

    static Port open_port(const NetworkNamespace& path, PathPort plan);
    void receive(Port& port, Way way);
    bool is_for_path(const std::string& packet) const;
    void send(const PathPacket& packet);
    void refuse_too_big(const PathPacket& packet, const Port& out);
    Port& port_towards(Way way) { return way == Way::to_server ? to_server_ : to_client_; }

    Port to_client_;
    Port to_server_;
    Clock clock_;
    Emit emit_;
    Forwarding forwarding_;
    std::string buffer_;
};

}  // namespace tcpwitness
