#include "observers/host_observer.hh"

#include "observers/packet_summary.hh"

namespace tcpwitness {
namespace {

constexpr size_t kRawPacket = 128;  // bytes of a packet that is not TCP

}  // namespace

HostObserver::HostObserver(const ObservedHost& host, Duration origin)
    : network_namespace_(*host.network_namespace),
      name_(network_namespace_.name()),
      inode_(network_namespace_.inode()),
      origin_(origin) {
    if (!host.has_sockets) return;
    capture_.emplace(network_namespace_, host.interfaces);
    table_.emplace(network_namespace_);
}

void HostObserver::begin() {
    if (capture_) {
        capture_->drain([](const CapturedPacket&) {});
        capture_->take_lost();
    }
    counters_.emplace(network_namespace_);
}

std::optional<int> HostObserver::descriptor() const {
    return capture_ ? std::optional(capture_->descriptor()) : std::nullopt;
}

void HostObserver::drain(const std::function<void(Event)>& take) {
    if (!capture_) return;
    capture_->drain([&](const CapturedPacket& packet) {
        const Instant at = packet.at - origin_;
        if (auto segment = decode_tcp_segment(packet.bytes, packet.checksum_left_to_device)) {
            take({at, SegmentSeen{name_, packet.interface, packet.direction, std::move(*segment)}});
        } else if (auto summary = packet_summary(packet.bytes)) {
            take({at, PacketSeen{name_, packet.interface, packet.direction, std::move(*summary),
                                 std::string(packet.bytes.substr(0, kRawPacket))}});
        }
    });
}

}  // namespace tcpwitness
