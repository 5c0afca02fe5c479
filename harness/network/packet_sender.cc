#include "network/packet_sender.hh"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <sys/socket.h>

#include <cstring>

#include "base/error.hh"
#include "network/link.hh"

namespace tcpwitness {

PacketSender::PacketSender(const NetworkNamespace& network_namespace, std::string interface,
                           const std::string& destination_mac)
    : interface_(std::move(interface)), index_(link_index(network_namespace, interface_)) {
    ether_addr mac{};
    if (ether_aton_r(destination_mac.c_str(), &mac) == nullptr)
        throw Error("not an Ethernet address: '" + destination_mac + "'");
    destination_mac_.assign(reinterpret_cast<const char*>(&mac), sizeof mac);
    const NamespaceGuard guard(network_namespace);
    // Protocol 0: it sends and hears nothing.
    socket_ =
        FileDescriptor(check_system(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket AF_PACKET", interface_));
    const int on = 1;
    check_system(setsockopt(socket_.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on),
                 "setsockopt PACKET_QDISC_BYPASS", interface_);
}

void PacketSender::send(std::string_view packet) {
    if (packet.empty()) throw Error("an empty packet cannot be sent");
    const bool ipv6 = static_cast<uint8_t>(packet.front()) >> 4 == 6;
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
    to.sll_ifindex = index_;
    to.sll_halen = static_cast<uint8_t>(destination_mac_.size());
    std::memcpy(to.sll_addr, destination_mac_.data(), destination_mac_.size());
    const ssize_t sent =
        sendto(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    check_system(sent, "sendto a forged packet on", interface_);
}

}  // namespace tcpwitness
