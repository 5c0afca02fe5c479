// Every option of SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6 and IPPROTO_TCP that Linux has: its level, number and what
// kind of value it takes. Case parser and tcp_actor work from this one list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hh"

namespace tcpwitness {

// What setsockopt takes and getsockopt gives, as a case spells it.
enum class OptionKind : uint8_t {
    integer,      // int: 1, on, off, IP_PMTUDISC_DO; a duration where the option has a unit
    unsigned64,   // 8 bytes: SO_COOKIE, SO_MAX_PACING_RATE
    error,        // SO_ERROR: read as an errno name, or 0
    linger,       // struct linger: {on, 2s}, {off, 0s}, {1, 2}
    interval,     // struct timeval: 1500ms
    text,         // characters: cubic, veth0
    port_range,   // IP_LOCAL_PORT_RANGE: {40000, 40010}
    tcp_info,     // read only: "state=1 ca_state=0 ..."
    address,      // struct sockaddr: server:7000
    ip_address,   // struct in_addr: the ip of server:0
    credentials,  // struct ucred, read only: "pid=7 uid=0 gid=0"
    words,        // a row of 32-bit numbers: {1, 2, 3}; TCP_REPAIR_OPTIONS {code, value, ...}
    filter,       // struct sock_fprog, classic BPF: {{6, 0, 0, 0}}, each {code, jt, jf, k}
    md5_key,      // struct tcp_md5sig: {server:0, "key"}, {server:0, 24, "key"} with a prefix length
    ao_key,       // struct tcp_ao_add: {server:0, "key", 1}, {server:0, 24, "key", 1}
    ao_deletion,  // struct tcp_ao_del: {server:0, 1}, {server:0, 24, 1}
    ao_info,      // struct tcp_ao_info_opt: {current_key=1, rnext=2}
    bytes,        // any other struct: its bytes as text of hexadecimal digits, "0a00020200000000"
};

std::string_view to_string(OptionKind kind);  // "integer", "struct linger", ... for messages

struct SocketOption {
    std::string_view name;        // "SO_REUSEADDR"
    std::string_view level_name;  // "SOL_SOCKET"
    int level = 0;
    int number = 0;
    OptionKind kind = OptionKind::integer;
    Duration unit{};  // of an integer that counts time (TCP_USER_TIMEOUT: 1ms); 0: it counts something else
    size_t size = 0;  // of its struct, where the kernel must be asked for exactly so much; 0: for as much as there is
};

std::span<const SocketOption> socket_options();

// The option of that name; nothing when there is none.
std::optional<SocketOption> socket_option(std::string_view name);

}  // namespace tcpwitness
