#include "observers/socket_table.hh"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cerrno>
#include <cstring>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr uint32_t kListen = 1U << 10;    // TCPF_LISTEN of include/net/tcp_states.h
constexpr uint32_t kEveryState = 0x1fff;  // up to TCPF_NEW_SYN_RECV
constexpr uint8_t kTimeWaitTimer = 3;     // inet_diag_msg::idiag_timer of a mini-socket
constexpr uint8_t kWantsTcpInfo = 1U << (INET_DIAG_INFO - 1);

NetlinkSocket open_socket(const NetworkNamespace& network_namespace) {
    const NamespaceGuard inside(network_namespace);
    return NetlinkSocket(NETLINK_SOCK_DIAG);
}

SocketAddress address_of(const inet_diag_msg& message, const __be32* ip, __be16 port) {
    const Family family = message.idiag_family == AF_INET6 ? Family::ipv6 : Family::ipv4;
    // A socket that serves both families has the IPv4 address in its mapped form; segments have it plain.
    return {IpAddress::from_bytes(family, ip).unmapped(), ntohs(port)};
}

TableEntry entry_of(const nlmsghdr& header) {
    const auto& message = *static_cast<const inet_diag_msg*>(nlmsg_data(&header));
    TableEntry entry;
    entry.state = tcp_state_from_kernel(message.idiag_state).value_or(TcpState::closed);
    entry.mini_socket = message.idiag_timer == kTimeWaitTimer;
    entry.local = address_of(message, message.id.idiag_src, message.id.idiag_sport);
    if (message.id.idiag_dport != 0) entry.remote = address_of(message, message.id.idiag_dst, message.id.idiag_dport);
    entry.cookie = static_cast<uint64_t>(message.id.idiag_cookie[1]) << 32 | message.id.idiag_cookie[0];
    if (message.idiag_timer != 0) entry.timer = std::chrono::milliseconds(message.idiag_expires);
    const nlattr* info = nlmsg_find_attr(const_cast<nlmsghdr*>(&header), sizeof message, INET_DIAG_INFO);
    if (info != nullptr) {
        const auto* bytes = static_cast<const std::byte*>(nla_data(info));
        entry.tcp_info.assign(bytes, bytes + nla_len(info));
    }
    return entry;
}

inet_diag_req_v2 request_for(Family family, uint32_t states, bool with_tcp_info) {
    inet_diag_req_v2 request{};
    request.sdiag_family = family == Family::ipv6 ? AF_INET6 : AF_INET;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = states;
    request.idiag_ext = with_tcp_info ? kWantsTcpInfo : 0;
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return request;
}

}  // namespace

SocketTable::SocketTable(const NetworkNamespace& network_namespace) : socket_(open_socket(network_namespace)) {}

std::vector<TableEntry> SocketTable::dump(Family family, uint32_t states, bool with_tcp_info) {
    NetlinkMessage message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, "SOCK_DIAG_BY_FAMILY",
                           "TCP sockets, " + std::string(to_string(family)));
    message.append(request_for(family, states, with_tcp_info));
    std::vector<TableEntry> entries;
    socket_.query(std::move(message), [&](const nlmsghdr& header) { entries.push_back(entry_of(header)); });
    return entries;
}

std::vector<TableEntry> SocketTable::all() {
    std::vector<TableEntry> entries = dump(Family::ipv4, kEveryState, false);
    for (TableEntry& entry : dump(Family::ipv6, kEveryState, false)) entries.push_back(std::move(entry));
    return entries;
}

std::vector<TableEntry> SocketTable::listeners(bool with_tcp_info) {
    std::vector<TableEntry> entries = dump(Family::ipv4, kListen, with_tcp_info);
    for (TableEntry& entry : dump(Family::ipv6, kListen, with_tcp_info)) entries.push_back(std::move(entry));
    return entries;
}

// Until Linux 6.19 a lookup can miss a connection that moves from one kind of socket to the next just then (ehash lookup
// races in inet_ehash_insert() and inet_twsk_hashdance_schedule()); a second one finds it.
std::optional<TableEntry> SocketTable::find(const SocketAddress& local, const SocketAddress& remote, bool with_tcp_info) {
    std::optional<TableEntry> found = find_once(local, remote, with_tcp_info);
    return found ? found : find_once(local, remote, with_tcp_info);
}

std::optional<TableEntry> SocketTable::find_once(const SocketAddress& local, const SocketAddress& remote,
                                                 bool with_tcp_info) {
    inet_diag_req_v2 request = request_for(local.ip.family, kEveryState, with_tcp_info);
    request.id.idiag_sport = htons(local.port);
    request.id.idiag_dport = htons(remote.port);
    std::memcpy(request.id.idiag_src, local.ip.bytes.data(), local.ip.size());
    std::memcpy(request.id.idiag_dst, remote.ip.bytes.data(), remote.ip.size());
    NetlinkMessage message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, "SOCK_DIAG_BY_FAMILY",
                           to_string(local) + " > " + to_string(remote));
    message.append(request);
    std::optional<TableEntry> found;
    try {
        socket_.query(std::move(message), [&](const nlmsghdr& header) { found = entry_of(header); });
    } catch (const NetlinkError& error) {
        if (error.error_number() == ENOENT) return std::nullopt;
        throw;
    }
    // Where no connection has these addresses the kernel answers with a listener that would take one. A full socket that
    // is CLOSED was found in the moment of being taken out.
    if (!found || found->local != local || found->remote != remote || found->state == TcpState::closed) return std::nullopt;
    return found;
}

}  // namespace tcpwitness
