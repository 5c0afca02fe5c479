#include "base/socket_options.hh"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/newer_headers.hh"
#include "base/tcp_ao.hh"

namespace tcpwitness {
namespace {

using Kind = OptionKind;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kNoUnit{};

// Each writes the name's own letters, so it must be the first macro that sees it.
// clang-format off
#define SOCKET_OPTION(name, ...) {#name, "SOL_SOCKET", SOL_SOCKET, name, __VA_ARGS__}
#define IP_OPTION(name, ...) {#name, "IPPROTO_IP", IPPROTO_IP, name, __VA_ARGS__}
#define IPV6_OPTION(name, ...) {#name, "IPPROTO_IPV6", IPPROTO_IPV6, name, __VA_ARGS__}
#define TCP_OPTION(name, ...) {#name, "IPPROTO_TCP", IPPROTO_TCP, name, __VA_ARGS__}
// clang-format on

constexpr SocketOption kOptions[] = {
    SOCKET_OPTION(SO_DEBUG, Kind::integer),
    SOCKET_OPTION(SO_REUSEADDR, Kind::integer),
    SOCKET_OPTION(SO_TYPE, Kind::integer),
    SOCKET_OPTION(SO_ERROR, Kind::error),
    SOCKET_OPTION(SO_DONTROUTE, Kind::integer),
    SOCKET_OPTION(SO_BROADCAST, Kind::integer),
    SOCKET_OPTION(SO_SNDBUF, Kind::integer),
    SOCKET_OPTION(SO_RCVBUF, Kind::integer),
    SOCKET_OPTION(SO_SNDBUFFORCE, Kind::integer),
    SOCKET_OPTION(SO_RCVBUFFORCE, Kind::integer),
    SOCKET_OPTION(SO_KEEPALIVE, Kind::integer),
    SOCKET_OPTION(SO_OOBINLINE, Kind::integer),
    SOCKET_OPTION(SO_NO_CHECK, Kind::integer),
    SOCKET_OPTION(SO_PRIORITY, Kind::integer),
    SOCKET_OPTION(SO_LINGER, Kind::linger),
    SOCKET_OPTION(SO_BSDCOMPAT, Kind::integer),
    SOCKET_OPTION(SO_REUSEPORT, Kind::integer),
    SOCKET_OPTION(SO_PASSCRED, Kind::integer),
    SOCKET_OPTION(SO_PEERCRED, Kind::credentials),
    SOCKET_OPTION(SO_RCVLOWAT, Kind::integer),
    SOCKET_OPTION(SO_SNDLOWAT, Kind::integer),
    SOCKET_OPTION(SO_RCVTIMEO, Kind::interval),
    SOCKET_OPTION(SO_SNDTIMEO, Kind::interval),
    SOCKET_OPTION(SO_SECURITY_AUTHENTICATION, Kind::integer),
    SOCKET_OPTION(SO_SECURITY_ENCRYPTION_TRANSPORT, Kind::integer),
    SOCKET_OPTION(SO_SECURITY_ENCRYPTION_NETWORK, Kind::integer),
    SOCKET_OPTION(SO_BINDTODEVICE, Kind::text),
    SOCKET_OPTION(SO_ATTACH_FILTER, Kind::filter),
    SOCKET_OPTION(SO_DETACH_FILTER, Kind::integer),
    SOCKET_OPTION(SO_GET_FILTER, Kind::filter),
    SOCKET_OPTION(SO_PEERNAME, Kind::address),
    SOCKET_OPTION(SO_TIMESTAMP, Kind::integer),
    SOCKET_OPTION(SO_ACCEPTCONN, Kind::integer),
    SOCKET_OPTION(SO_PEERSEC, Kind::text),
    SOCKET_OPTION(SO_PASSSEC, Kind::integer),
    SOCKET_OPTION(SO_TIMESTAMPNS, Kind::integer),
    SOCKET_OPTION(SO_MARK, Kind::integer),
    SOCKET_OPTION(SO_TIMESTAMPING, Kind::integer),
    SOCKET_OPTION(SO_PROTOCOL, Kind::integer),
    SOCKET_OPTION(SO_DOMAIN, Kind::integer),
    SOCKET_OPTION(SO_RXQ_OVFL, Kind::integer),
    SOCKET_OPTION(SO_WIFI_STATUS, Kind::integer),
    SOCKET_OPTION(SO_PEEK_OFF, Kind::integer),
    SOCKET_OPTION(SO_NOFCS, Kind::integer),
    SOCKET_OPTION(SO_LOCK_FILTER, Kind::integer),
    SOCKET_OPTION(SO_SELECT_ERR_QUEUE, Kind::integer),
    SOCKET_OPTION(SO_BUSY_POLL, Kind::integer, microseconds(1)),
    SOCKET_OPTION(SO_MAX_PACING_RATE, Kind::unsigned64),
    SOCKET_OPTION(SO_BPF_EXTENSIONS, Kind::integer),
    SOCKET_OPTION(SO_INCOMING_CPU, Kind::integer),
    SOCKET_OPTION(SO_ATTACH_BPF, Kind::integer),
    SOCKET_OPTION(SO_DETACH_BPF, Kind::integer),
    SOCKET_OPTION(SO_ATTACH_REUSEPORT_CBPF, Kind::filter),
    SOCKET_OPTION(SO_ATTACH_REUSEPORT_EBPF, Kind::integer),
    SOCKET_OPTION(SO_CNX_ADVICE, Kind::integer),
    SOCKET_OPTION(SO_MEMINFO, Kind::words),
    SOCKET_OPTION(SO_INCOMING_NAPI_ID, Kind::integer),
    SOCKET_OPTION(SO_COOKIE, Kind::unsigned64),
    SOCKET_OPTION(SO_PEERGROUPS, Kind::words),
    SOCKET_OPTION(SO_ZEROCOPY, Kind::integer),
    SOCKET_OPTION(SO_TXTIME, Kind::words),
    SOCKET_OPTION(SO_BINDTOIFINDEX, Kind::integer),
    SOCKET_OPTION(SO_TIMESTAMP_NEW, Kind::integer),
    SOCKET_OPTION(SO_TIMESTAMPNS_NEW, Kind::integer),
    SOCKET_OPTION(SO_TIMESTAMPING_NEW, Kind::integer),
    SOCKET_OPTION(SO_RCVTIMEO_NEW, Kind::interval),
    SOCKET_OPTION(SO_SNDTIMEO_NEW, Kind::interval),
    SOCKET_OPTION(SO_DETACH_REUSEPORT_BPF, Kind::integer),
    SOCKET_OPTION(SO_PREFER_BUSY_POLL, Kind::integer),
    SOCKET_OPTION(SO_BUSY_POLL_BUDGET, Kind::integer),
    SOCKET_OPTION(SO_NETNS_COOKIE, Kind::unsigned64),
    SOCKET_OPTION(SO_BUF_LOCK, Kind::integer),
    SOCKET_OPTION(SO_RESERVE_MEM, Kind::integer),
    SOCKET_OPTION(SO_TXREHASH, Kind::integer),
    SOCKET_OPTION(SO_RCVMARK, Kind::integer),
    SOCKET_OPTION(SO_PASSPIDFD, Kind::integer),
    SOCKET_OPTION(SO_PEERPIDFD, Kind::integer),
    SOCKET_OPTION(SO_DEVMEM_LINEAR, Kind::bytes),
    SOCKET_OPTION(SO_DEVMEM_DMABUF, Kind::bytes),
    SOCKET_OPTION(SO_DEVMEM_DONTNEED, Kind::words),
    SOCKET_OPTION(SO_RCVPRIORITY, Kind::integer),
    SOCKET_OPTION(SO_PASSRIGHTS, Kind::integer),
    SOCKET_OPTION(SO_INQ, Kind::integer),

    IP_OPTION(IP_TOS, Kind::integer),
    IP_OPTION(IP_TTL, Kind::integer),
    IP_OPTION(IP_HDRINCL, Kind::integer),
    IP_OPTION(IP_OPTIONS, Kind::bytes),
    IP_OPTION(IP_ROUTER_ALERT, Kind::integer),
    IP_OPTION(IP_RECVOPTS, Kind::integer),
    IP_OPTION(IP_RETOPTS, Kind::integer),
    IP_OPTION(IP_RECVRETOPTS, Kind::integer),
    IP_OPTION(IP_PKTINFO, Kind::integer),
    IP_OPTION(IP_PKTOPTIONS, Kind::bytes),
    IP_OPTION(IP_MTU_DISCOVER, Kind::integer),
    IP_OPTION(IP_RECVERR, Kind::integer),
    IP_OPTION(IP_RECVTTL, Kind::integer),
    IP_OPTION(IP_RECVTOS, Kind::integer),
    IP_OPTION(IP_MTU, Kind::integer),
    IP_OPTION(IP_FREEBIND, Kind::integer),
    IP_OPTION(IP_IPSEC_POLICY, Kind::bytes),
    IP_OPTION(IP_XFRM_POLICY, Kind::bytes),
    IP_OPTION(IP_PASSSEC, Kind::integer),
    IP_OPTION(IP_TRANSPARENT, Kind::integer),
    IP_OPTION(IP_ORIGDSTADDR, Kind::integer),
    IP_OPTION(IP_RECVORIGDSTADDR, Kind::integer),
    IP_OPTION(IP_MINTTL, Kind::integer),
    IP_OPTION(IP_NODEFRAG, Kind::integer),
    IP_OPTION(IP_CHECKSUM, Kind::integer),
    IP_OPTION(IP_BIND_ADDRESS_NO_PORT, Kind::integer),
    IP_OPTION(IP_RECVFRAGSIZE, Kind::integer),
    IP_OPTION(IP_RECVERR_RFC4884, Kind::integer),
    IP_OPTION(IP_MULTICAST_IF, Kind::ip_address),
    IP_OPTION(IP_MULTICAST_TTL, Kind::integer),
    IP_OPTION(IP_MULTICAST_LOOP, Kind::integer),
    IP_OPTION(IP_ADD_MEMBERSHIP, Kind::bytes),
    IP_OPTION(IP_DROP_MEMBERSHIP, Kind::bytes),
    IP_OPTION(IP_UNBLOCK_SOURCE, Kind::bytes),
    IP_OPTION(IP_BLOCK_SOURCE, Kind::bytes),
    IP_OPTION(IP_ADD_SOURCE_MEMBERSHIP, Kind::bytes),
    IP_OPTION(IP_DROP_SOURCE_MEMBERSHIP, Kind::bytes),
    IP_OPTION(IP_MSFILTER, Kind::bytes),
    IP_OPTION(MCAST_JOIN_GROUP, Kind::bytes),
    IP_OPTION(MCAST_BLOCK_SOURCE, Kind::bytes),
    IP_OPTION(MCAST_UNBLOCK_SOURCE, Kind::bytes),
    IP_OPTION(MCAST_LEAVE_GROUP, Kind::bytes),
    IP_OPTION(MCAST_JOIN_SOURCE_GROUP, Kind::bytes),
    IP_OPTION(MCAST_LEAVE_SOURCE_GROUP, Kind::bytes),
    IP_OPTION(MCAST_MSFILTER, Kind::bytes),
    IP_OPTION(IP_MULTICAST_ALL, Kind::integer),
    IP_OPTION(IP_UNICAST_IF, Kind::integer),
    IP_OPTION(IP_LOCAL_PORT_RANGE, Kind::port_range),
    IP_OPTION(IP_PROTOCOL, Kind::integer),
    IP_OPTION(SO_ORIGINAL_DST, Kind::address),

    IPV6_OPTION(IPV6_ADDRFORM, Kind::integer),
    IPV6_OPTION(IPV6_2292PKTINFO, Kind::integer),
    IPV6_OPTION(IPV6_2292HOPOPTS, Kind::integer),
    IPV6_OPTION(IPV6_2292DSTOPTS, Kind::integer),
    IPV6_OPTION(IPV6_2292RTHDR, Kind::integer),
    IPV6_OPTION(IPV6_2292PKTOPTIONS, Kind::bytes),
    IPV6_OPTION(IPV6_CHECKSUM, Kind::integer),
    IPV6_OPTION(IPV6_2292HOPLIMIT, Kind::integer),
    IPV6_OPTION(IPV6_NEXTHOP, Kind::address),
    IPV6_OPTION(IPV6_AUTHHDR, Kind::integer),
    IPV6_OPTION(IPV6_FLOWINFO, Kind::integer),
    IPV6_OPTION(IPV6_UNICAST_HOPS, Kind::integer),
    IPV6_OPTION(IPV6_MULTICAST_IF, Kind::integer),
    IPV6_OPTION(IPV6_MULTICAST_HOPS, Kind::integer),
    IPV6_OPTION(IPV6_MULTICAST_LOOP, Kind::integer),
    IPV6_OPTION(IPV6_ADD_MEMBERSHIP, Kind::bytes),
    IPV6_OPTION(IPV6_JOIN_GROUP, Kind::bytes),
    IPV6_OPTION(IPV6_DROP_MEMBERSHIP, Kind::bytes),
    IPV6_OPTION(IPV6_LEAVE_GROUP, Kind::bytes),
    IPV6_OPTION(IPV6_ROUTER_ALERT, Kind::integer),
    IPV6_OPTION(IPV6_MTU_DISCOVER, Kind::integer),
    IPV6_OPTION(IPV6_MTU, Kind::integer),
    IPV6_OPTION(IPV6_RECVERR, Kind::integer),
    IPV6_OPTION(IPV6_V6ONLY, Kind::integer),
    IPV6_OPTION(IPV6_JOIN_ANYCAST, Kind::bytes),
    IPV6_OPTION(IPV6_LEAVE_ANYCAST, Kind::bytes),
    IPV6_OPTION(IPV6_MULTICAST_ALL, Kind::integer),
    IPV6_OPTION(IPV6_ROUTER_ALERT_ISOLATE, Kind::integer),
    IPV6_OPTION(IPV6_RECVERR_RFC4884, Kind::integer),
    IPV6_OPTION(IPV6_FLOWLABEL_MGR, Kind::bytes),
    IPV6_OPTION(IPV6_FLOWINFO_SEND, Kind::integer),
    IPV6_OPTION(IPV6_IPSEC_POLICY, Kind::bytes),
    IPV6_OPTION(IPV6_XFRM_POLICY, Kind::bytes),
    IPV6_OPTION(IPV6_HDRINCL, Kind::integer),
    IPV6_OPTION(IPV6_RECVPKTINFO, Kind::integer),
    IPV6_OPTION(IPV6_PKTINFO, Kind::bytes),
    IPV6_OPTION(IPV6_RECVHOPLIMIT, Kind::integer),
    IPV6_OPTION(IPV6_HOPLIMIT, Kind::integer),
    IPV6_OPTION(IPV6_RECVHOPOPTS, Kind::integer),
    IPV6_OPTION(IPV6_HOPOPTS, Kind::bytes),
    IPV6_OPTION(IPV6_RTHDRDSTOPTS, Kind::bytes),
    IPV6_OPTION(IPV6_RECVRTHDR, Kind::integer),
    IPV6_OPTION(IPV6_RTHDR, Kind::bytes),
    IPV6_OPTION(IPV6_RECVDSTOPTS, Kind::integer),
    IPV6_OPTION(IPV6_DSTOPTS, Kind::bytes),
    IPV6_OPTION(IPV6_RECVPATHMTU, Kind::integer),
    IPV6_OPTION(IPV6_PATHMTU, Kind::bytes),
    IPV6_OPTION(IPV6_DONTFRAG, Kind::integer),
    IPV6_OPTION(IPV6_RECVTCLASS, Kind::integer),
    IPV6_OPTION(IPV6_TCLASS, Kind::integer),
    IPV6_OPTION(IPV6_AUTOFLOWLABEL, Kind::integer),
    IPV6_OPTION(IP6T_SO_ORIGINAL_DST, Kind::address),
    IPV6_OPTION(IPV6_ADDR_PREFERENCES, Kind::integer),
    IPV6_OPTION(IPV6_MINHOPCOUNT, Kind::integer),
    IPV6_OPTION(IPV6_ORIGDSTADDR, Kind::integer),
    IPV6_OPTION(IPV6_RECVORIGDSTADDR, Kind::integer),
    IPV6_OPTION(IPV6_TRANSPARENT, Kind::integer),
    IPV6_OPTION(IPV6_UNICAST_IF, Kind::integer),
    IPV6_OPTION(IPV6_RECVFRAGSIZE, Kind::integer),
    IPV6_OPTION(IPV6_FREEBIND, Kind::integer),

    TCP_OPTION(TCP_NODELAY, Kind::integer),
    TCP_OPTION(TCP_MAXSEG, Kind::integer),
    TCP_OPTION(TCP_CORK, Kind::integer),
    TCP_OPTION(TCP_KEEPIDLE, Kind::integer, seconds(1)),
    TCP_OPTION(TCP_KEEPINTVL, Kind::integer, seconds(1)),
    TCP_OPTION(TCP_KEEPCNT, Kind::integer),
    TCP_OPTION(TCP_SYNCNT, Kind::integer),
    TCP_OPTION(TCP_LINGER2, Kind::integer, seconds(1)),
    TCP_OPTION(TCP_DEFER_ACCEPT, Kind::integer, seconds(1)),
    TCP_OPTION(TCP_WINDOW_CLAMP, Kind::integer),
    TCP_OPTION(TCP_INFO, Kind::tcp_info),
    TCP_OPTION(TCP_QUICKACK, Kind::integer),
    TCP_OPTION(TCP_CONGESTION, Kind::text),
    TCP_OPTION(TCP_MD5SIG, Kind::md5_key),
    TCP_OPTION(TCP_THIN_LINEAR_TIMEOUTS, Kind::integer),
    TCP_OPTION(TCP_THIN_DUPACK, Kind::integer),
    TCP_OPTION(TCP_USER_TIMEOUT, Kind::integer, milliseconds(1)),
    TCP_OPTION(TCP_REPAIR, Kind::integer),
    TCP_OPTION(TCP_REPAIR_QUEUE, Kind::integer),
    TCP_OPTION(TCP_QUEUE_SEQ, Kind::integer),
    TCP_OPTION(TCP_REPAIR_OPTIONS, Kind::words),
    TCP_OPTION(TCP_FASTOPEN, Kind::integer),
    TCP_OPTION(TCP_TIMESTAMP, Kind::integer),
    TCP_OPTION(TCP_NOTSENT_LOWAT, Kind::integer),
    TCP_OPTION(TCP_CC_INFO, Kind::bytes),
    TCP_OPTION(TCP_SAVE_SYN, Kind::integer),
    TCP_OPTION(TCP_SAVED_SYN, Kind::bytes),
    TCP_OPTION(TCP_REPAIR_WINDOW, Kind::words, kNoUnit, sizeof(tcp_repair_window)),
    TCP_OPTION(TCP_FASTOPEN_CONNECT, Kind::integer),
    TCP_OPTION(TCP_ULP, Kind::text),
    TCP_OPTION(TCP_MD5SIG_EXT, Kind::md5_key),
    TCP_OPTION(TCP_FASTOPEN_KEY, Kind::bytes),
    TCP_OPTION(TCP_FASTOPEN_NO_COOKIE, Kind::integer),
    TCP_OPTION(TCP_ZEROCOPY_RECEIVE, Kind::bytes),
    TCP_OPTION(TCP_INQ, Kind::integer),
    TCP_OPTION(TCP_TX_DELAY, Kind::integer, microseconds(1)),
    TCP_OPTION(TCP_AO_ADD_KEY, Kind::ao_key),
    TCP_OPTION(TCP_AO_DEL_KEY, Kind::ao_deletion),
    TCP_OPTION(TCP_AO_INFO, Kind::ao_info, kNoUnit, sizeof(TcpAoInfo)),
    TCP_OPTION(TCP_AO_GET_KEYS, Kind::bytes),
    TCP_OPTION(TCP_AO_REPAIR, Kind::words, kNoUnit, kTcpAoRepairSize),
    TCP_OPTION(TCP_IS_MPTCP, Kind::integer),
    TCP_OPTION(TCP_RTO_MAX_MS, Kind::integer, milliseconds(1)),
    TCP_OPTION(TCP_RTO_MIN_US, Kind::integer, microseconds(1)),
    TCP_OPTION(TCP_DELACK_MAX_US, Kind::integer, microseconds(1)),
};

}  // namespace

std::string_view to_string(OptionKind kind) {
    switch (kind) {
        case Kind::integer:
            return "an integer";
        case Kind::unsigned64:
            return "a 64-bit integer";
        case Kind::error:
            return "an error, read only";
        case Kind::linger:
            return "{on, 2s} or {off, 0s}";
        case Kind::interval:
            return "a duration";
        case Kind::text:
            return "a text";
        case Kind::port_range:
            return "{lowest port, highest port}";
        case Kind::tcp_info:
            return "struct tcp_info, read only";
        case Kind::address:
            return "an address";
        case Kind::ip_address:
            return "an address";
        case Kind::credentials:
            return "credentials, read only";
        case Kind::words:
            return "a list of 32-bit integers";
        case Kind::filter:
            return "a list of {code, jt, jf, k}";
        case Kind::md5_key:
            return "{address, \"key\"}";
        case Kind::ao_key:
            return "{address, \"key\", number}";
        case Kind::ao_deletion:
            return "{address, number}";
        case Kind::ao_info:
            return "{field=number, ...}";
        case Kind::bytes:
            return "a text of hexadecimal digits";
    }
    return "";
}

std::span<const SocketOption> socket_options() {
    return kOptions;
}

std::optional<SocketOption> socket_option(std::string_view name) {
    const auto* option = std::ranges::find(kOptions, name, &SocketOption::name);
    if (option == std::end(kOptions)) return std::nullopt;
    return *option;
}

}  // namespace tcpwitness
