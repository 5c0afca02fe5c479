#include "faults/forwarder.hh"

#include <fmt/core.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "base/error.hh"
#include "faults/packet.hh"
#include "network/forge.hh"
#include "network/link.hh"

namespace tcpwitness {
namespace {

constexpr size_t kLargestPacket = 65535;
constexpr int kSocketBuffer = 64 << 20;  // bytes; netem behind the interface counts what it holds against it
constexpr int kLongestWait = 1000;       // ms, for room in the interface's queue

// Linux 5.16 lets root of a user namespace go beyond net.core.wmem_max; before, the limit is what there is.
void enlarge(int socket, int force, int ask) {
    if (setsockopt(socket, SOL_SOCKET, force, &kSocketBuffer, sizeof kSocketBuffer) < 0)
        setsockopt(socket, SOL_SOCKET, ask, &kSocketBuffer, sizeof kSocketBuffer);
}

sockaddr_ll link_address(int index, uint16_t protocol) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(protocol);
    address.sll_ifindex = index;
    return address;
}

bool is_multicast(const IpAddress& address) {
    if (address.family == Family::ipv6)
        return address.bytes[0] == 0xff || (address.bytes[0] == 0xfe && address.bytes[1] >= 0x80);
    return address.bytes[0] >= 224;
}

int link_mtu(int socket, const std::string& interface) {
    ifreq request{};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    check_system(ioctl(socket, SIOCGIFMTU, &request), "ioctl SIOCGIFMTU", interface);
    return request.ifr_mtu;
}

IpAddress source_of(const std::string& packet, Family family) {
    return IpAddress::from_bytes(family, packet.data() + (family == Family::ipv4 ? 12 : 8));
}

}  // namespace

Forwarder::Forwarder(const NetworkNamespace& path, PathPort to_client, PathPort to_server, Clock clock, Emit emit)
    : to_client_(open_port(path, std::move(to_client))),
      to_server_(open_port(path, std::move(to_server))),
      clock_(std::move(clock)),
      emit_(std::move(emit)),
      buffer_(kLargestPacket, '\0') {}

Forwarder::Port Forwarder::open_port(const NetworkNamespace& path, PathPort plan) {
    ether_addr mac{};
    if (ether_aton_r(plan.host_mac.c_str(), &mac) == nullptr)
        throw Error("not an Ethernet address: '" + plan.host_mac + "'");
    Port port{.plan = std::move(plan), .host_mac = {reinterpret_cast<const char*>(&mac), sizeof mac}};
    const std::string& interface = port.plan.interface;
    port.index = link_index(path, interface);
    const NamespaceGuard guard(path);
    // Protocol 0 until it is bound: else it would hear other interfaces before.
    port.socket = FileDescriptor(
        check_system(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket AF_PACKET", interface));
    const int descriptor = port.socket.get();
    const int on = 1;
    check_system(setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on),
                 "setsockopt PACKET_IGNORE_OUTGOING", interface);
    enlarge(descriptor, SO_RCVBUFFORCE, SO_RCVBUF);
    enlarge(descriptor, SO_SNDBUFFORCE, SO_SNDBUF);
    const sockaddr_ll address = link_address(port.index, ETH_P_ALL);
    check_system(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind AF_PACKET",
                 interface);
    return port;
}

std::vector<int> Forwarder::descriptors() const {
    return {to_client_.socket.get(), to_server_.socket.get()};
}

void Forwarder::work() {
    receive(to_client_, Way::to_server);
    receive(to_server_, Way::to_client);
    const std::optional<Instant> due = forwarding_.next_due();
    const Instant now = clock_();
    if (due && *due <= now) carry_out(forwarding_.due(now));
}

void Forwarder::receive(Port& port, Way way) {
    while (true) {
        sockaddr_ll from{};
        socklen_t length = sizeof from;
        const ssize_t size =
            recvfrom(port.socket.get(), buffer_.data(), buffer_.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (size < 0 && errno == ENETDOWN) continue;  // told once when the link goes down
        check_system(size, "recvfrom", port.plan.interface);
        const uint16_t protocol = ntohs(from.sll_protocol);
        if (from.sll_pkttype != PACKET_HOST || (protocol != ETHERTYPE_IP && protocol != ETHERTYPE_IPV6)) continue;
        PathPacket packet{way, buffer_.substr(0, static_cast<size_t>(size))};
        if (!is_for_path(packet.bytes)) carry_out(forwarding_.take(std::move(packet), clock_()));
    }
}

bool Forwarder::is_for_path(const std::string& packet) const {
    const std::optional<IpAddress> destination = destination_of(packet);
    if (!destination || is_multicast(*destination)) return true;
    for (const Port* port : {&to_client_, &to_server_}) {
        const std::vector<IpAddress>& own = port->plan.addresses;
        if (std::find(own.begin(), own.end(), *destination) != own.end()) return true;
    }
    return false;
}

// Faults are told before the segment goes on, so that no arrival is older than what was done to it.
void Forwarder::carry_out(Decision decision) {
    for (FaultFired& fired : decision.fired) emit_(std::move(fired));
    for (const PathPacket& packet : decision.send) send(packet);
}

// ENOBUFS: the interface's qdisc dropped it, as it may. ENETDOWN: the link is down; the same happens to a router.
void Forwarder::send(const PathPacket& packet) {
    Port& port = port_towards(packet.way);
    const bool ipv6 = destination_of(packet.bytes).value().family == Family::ipv6;
    sockaddr_ll to = link_address(port.index, ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
    to.sll_halen = static_cast<uint8_t>(port.host_mac.size());
    std::memcpy(to.sll_addr, port.host_mac.data(), port.host_mac.size());
    while (sendto(port.socket.get(), packet.bytes.data(), packet.bytes.size(), 0,
                  reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) {
        if (errno == EINTR) continue;
        if (errno == ENOBUFS || errno == ENETDOWN) return;
        if (errno == EMSGSIZE) return refuse_too_big(packet, port);
        if (errno != EAGAIN) throw_system_error("sendto", port.plan.interface);
        pollfd room{port.socket.get(), POLLOUT, 0};
        if (poll(&room, 1, kLongestWait) == 0)
            throw Error(fmt::format("{} took no packet for a second: its queue is full", port.plan.interface));
    }
}

// What a router answers to a packet that is longer than the next link takes (RFC 1191, RFC 8201).
void Forwarder::refuse_too_big(const PathPacket& packet, const Port& out) {
    constexpr uint8_t kUnreachable = 3;
    constexpr uint8_t kFragmentationNeeded = 4;
    constexpr uint8_t kPacketTooBig = 2;
    const Family family = destination_of(packet.bytes).value().family;
    if (!forbids_fragments(packet.bytes))
        throw Unsupported(
            fmt::format("a packet of {} bytes that may be fragmented is longer than {} takes, and path does "
                        "not fragment while it forwards for faults",
                        packet.bytes.size(), out.plan.interface));
    const Port& back = port_towards(opposite(packet.way));
    const auto own = std::find_if(back.plan.addresses.begin(), back.plan.addresses.end(),
                                  [&](const IpAddress& address) { return address.family == family; });
    if (own == back.plan.addresses.end()) return;
    ForgedIcmpError error{.source = *own, .destination = source_of(packet.bytes, family)};
    error.type = family == Family::ipv4 ? kUnreachable : kPacketTooBig;
    error.code = family == Family::ipv4 ? kFragmentationNeeded : 0;
    error.rest = static_cast<uint32_t>(link_mtu(out.socket.get(), out.plan.interface));
    error.quoted = packet.bytes;
    send({opposite(packet.way), forge_icmp_error(error)});
}

int64_t Forwarder::overflowed() {
    int64_t packets = 0;
    for (const Port* port : {&to_client_, &to_server_}) {
        tpacket_stats statistics{};
        socklen_t length = sizeof statistics;
        check_system(getsockopt(port->socket.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length),
                     "getsockopt PACKET_STATISTICS", port->plan.interface);
        packets += statistics.tp_drops;
    }
    return packets;
}

}  // namespace tcpwitness
