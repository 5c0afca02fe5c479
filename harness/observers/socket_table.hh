// SocketTable: the TCP sockets of one namespace as the kernel's sock_diag tells them, request sockets and mini-sockets
// included: the truth at one moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hh"
#include "base/tcp_state.hh"
#include "base/time.hh"
#include "network/namespace.hh"
#include "network/netlink.hh"

namespace tcpwitness {

struct TableEntry {
    TcpState state = TcpState::closed;  // of a mini-socket: its substate
    bool mini_socket = false;
    SocketAddress local;
    std::optional<SocketAddress> remote;  // absent for listeners
    uint64_t cookie = 0;
    std::optional<Duration> timer;  // time left of whatever timer is set; 0 when it is due
    std::vector<std::byte> tcp_info;  // struct tcp_info as far as this kernel has it; only where it was asked for
};

class SocketTable {
  public:
    // Throws NetlinkError. CONFIG_INET_TCP_DIAG is asked for with the first request.
    explicit SocketTable(const NetworkNamespace& network_namespace);

    // All TCP sockets that have a port, of both families. Throws NetlinkError.
    std::vector<TableEntry> all();
    // Those in LISTEN only: much cheaper.
    std::vector<TableEntry> listeners(bool with_tcp_info = false);
    // The one connection with these addresses; nothing when there is none. Throws NetlinkError.
    std::optional<TableEntry> find(const SocketAddress& local, const SocketAddress& remote, bool with_tcp_info = false);

  private:
    std::optional<TableEntry> find_once(const SocketAddress& local, const SocketAddress& remote, bool with_tcp_info);
    std::vector<TableEntry> dump(Family family, uint32_t states, bool with_tcp_info);

    NetlinkSocket socket_;
};

}  // namespace tcpwitness
