#include "live/port_sockets.hh"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/kernel_version.hh"
#include "network/netlink.hh"

namespace tcpwitness {
namespace {

// TCP_ESTABLISHED to TCP_CLOSING and, since 6.8, TCP_BOUND_INACTIVE (include/net/tcp_states.h).
constexpr uint32_t kHoldingStates = 0xffe | 1U << 13;
constexpr uint8_t kTimeWaitTimer = 3;  // inet_diag_msg::idiag_timer of a mini-socket

SocketAddress address_of(const inet_diag_msg& message, const __be32* ip, __be16 port) {
    const Family family = message.idiag_family == AF_INET6 ? Family::ipv6 : Family::ipv4;
    return {IpAddress::from_bytes(family, ip), ntohs(port)};
}

HeldSocket held_from(const nlmsghdr& header) {
    const auto& message = *static_cast<const inet_diag_msg*>(nlmsg_data(&header));
    HeldSocket held;
    held.family = message.idiag_family == AF_INET6 ? Family::ipv6 : Family::ipv4;
    held.state = tcp_state_from_kernel(message.idiag_state).value_or(TcpState::closed);
    held.mini_socket = message.idiag_timer == kTimeWaitTimer;
    held.local = address_of(message, message.id.idiag_src, message.id.idiag_sport);
    if (message.id.idiag_dport != 0) held.remote = address_of(message, message.id.idiag_dst, message.id.idiag_dport);
    held.interface = message.id.idiag_if;
    held.user = message.idiag_uid;
    held.inode = message.idiag_inode;
    held.cookie = static_cast<uint64_t>(message.id.idiag_cookie[1]) << 32 | message.id.idiag_cookie[0];
    if (held.mini_socket) held.left = std::chrono::milliseconds(message.idiag_expires);
    if (held.family == Family::ipv4) held.options.v6_only = false;
    const nlattr* v6_only = nlmsg_find_attr(const_cast<nlmsghdr*>(&header), sizeof message, INET_DIAG_SKV6ONLY);
    if (v6_only != nullptr) held.options.v6_only = *static_cast<const uint8_t*>(nla_data(v6_only)) != 0;
    return held;
}

inet_diag_req_v2 request_for(uint8_t family, uint16_t port) {
    inet_diag_req_v2 request{};
    request.sdiag_family = family;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = kHoldingStates;
    request.id.idiag_sport = htons(port);
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

}  // namespace

std::vector<HeldSocket> sockets_on_port(uint16_t port) {
    NetlinkSocket socket(NETLINK_SOCK_DIAG);
    std::vector<HeldSocket> sockets;
    for (const uint8_t family : {AF_INET, AF_INET6}) {
        NetlinkMessage message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, "SOCK_DIAG_BY_FAMILY",
                               "TCP sockets on port " + std::to_string(port));
        message.append(request_for(family, port));
        socket.query(std::move(message), [&](const nlmsghdr& header) { sockets.push_back(held_from(header)); });
    }
    return sockets;
}

bool lists_idle_sockets() {
    return running_kernel_version() >= KernelVersion{6, 8, 0};
}

}  // namespace tcpwitness
