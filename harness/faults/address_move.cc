#include "faults/address_move.hh"

#include "faults/packet.hh"

namespace tcpwitness {

AddressMove::AddressMove(Way way, const IpAddress& host, std::optional<IpAddress> address, std::optional<uint16_t> port)
    : way_(way), host_(host), address_(address.value_or(host)), port_(port) {}

uint16_t AddressMove::new_port(uint16_t port) {
    if (!port_) return port;
    const auto next = static_cast<uint16_t>(*port_ + ports_.size());
    return ports_.try_emplace(port, next).first->second;
}

bool AddressMove::leave(std::string& packet, Way way, const TcpSegment& segment) {
    if (way != way_ || segment.source.ip != host_) return false;
    set_source(packet, {address_, new_port(segment.source.port)});
    return true;
}

AddressMove::Return AddressMove::come_back(std::string& packet, Way way, const TcpSegment& segment) const {
    const IpAddress& destination = segment.destination.ip;
    if (way == way_ || (destination != address_ && destination != host_)) return Return::untouched;
    if (destination != address_) return Return::dead;
    if (!port_) {
        set_destination(packet, {host_, segment.destination.port});
        return Return::rewritten;
    }
    for (const auto& [own, seen] : ports_) {
        if (seen != segment.destination.port) continue;
        set_destination(packet, {host_, own});
        return Return::rewritten;
    }
    return Return::dead;
}

}  // namespace tcpwitness
