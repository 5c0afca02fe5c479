// What is asked of a bind() that nobody has made yet: the socket that would be bound, and all that decides about it on
// one machine: the sockets that hold its port, the addresses, and the settings. Plain values; live/ reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/tcp_state.hh"
#include "base/time.hh"

namespace tcpwitness {

// Options of a socket that bind() looks at. Absent: could not be observed.
struct BindOptions {
    std::optional<bool> reuse_address;
    std::optional<bool> reuse_port;
    std::optional<bool> v6_only;  // of an IPv6 socket; bind() to a specific IPv6 address sets it

    auto operator<=>(const BindOptions&) const = default;
};

// The bind() that is asked about. Its options are always known.
struct WantedBind {
    SocketAddress address;   // an IPv6 one is bound by an IPv6 socket, ::ffff:a.b.c.d too
    unsigned interface = 0;  // index, of an address with a scope; 0: none
    bool reuse_address = false;
    bool reuse_port = false;
    bool v6_only = false;
    unsigned user = 0;               // who makes the socket
    bool may_bind_any_port = false;  // CAP_NET_BIND_SERVICE where it counts
};

struct SocketOwner {
    int process = 0;
    int descriptor = -1;
    std::string name;  // comm

    auto operator<=>(const SocketOwner&) const = default;
};

// One TCP socket that holds the wanted port, as it is now.
struct HeldSocket {
    Family family = Family::ipv4;  // of the socket: one of IPv6 may have an IPv4 address, in its mapped form
    SocketAddress local;
    std::optional<SocketAddress> remote;
    TcpState state = TcpState::closed;  // of a mini-socket: its substate
    bool mini_socket = false;
    unsigned interface = 0;  // that it is bound to; 0: none
    unsigned user = 0;       // that made it; of a mini-socket 0, and without a meaning
    uint64_t inode = 0;      // 0: no descriptor refers to it
    uint64_t cookie = 0;
    std::optional<Duration> left;  // until the kernel gives up a socket that no process has
    BindOptions options;
    std::vector<SocketOwner> owners;  // as far as they could be looked at
};

struct PortRange {
    uint16_t low = 32768;
    uint16_t high = 60999;
};

struct BindMachine {
    std::vector<HeldSocket> sockets;    // on the wanted port; with port 0 on any
    bool address_is_local = true;       // bind() finds the wanted address to be one of this host
    bool address_is_tentative = false;  // it is here, but duplicate address detection has not ended
    bool nonlocal_bind = false;         // net.ipv4.ip_nonlocal_bind, net.ipv6.ip_nonlocal_bind
    bool interface_exists = true;
    uint16_t first_unprivileged_port = 1024;  // net.ipv4.ip_unprivileged_port_start
    PortRange local_ports;                    // net.ipv4.ip_local_port_range
    std::string reserved_ports;               // net.ipv4.ip_local_reserved_ports
    // Whether a socket that is bound and does nothing else would be among `sockets`: sock_diag lists these since 6.8.
    bool sees_idle_sockets = true;
    // Linux 6.1 and 6.6, since an update of April 2026 that their release does not always tell: bind() to an IPv4 address
    // in its mapped form may overlook a socket on ::ffff:0.0.0.0.
    bool may_overlook_mapped_wildcard = false;
};

// What was looked at to know that, and what could not be.
struct BindSight {
    std::string kernel;           // release
    size_t processes = 0;         // looked at
    size_t closed_processes = 0;  // whose open files this user may not look at
    std::string options_refused;  // why the kernel's own view of options was not to be had; empty: it was
    size_t hidden_sockets = 0;    // TCP sockets that might be idle on this port and could not be looked at
    bool lists_idle = true;       // sock_diag lists idle sockets
};

}  // namespace tcpwitness
