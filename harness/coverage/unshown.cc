#include "coverage/unshown.hh"

#include <algorithm>
#include <array>

namespace tcpwitness {
namespace {

struct Unshown {
    std::string_view name;
    std::string_view why;
};

constexpr std::string_view kDatagram = "options of datagram and raw sockets: TCP does not look at them";
constexpr std::string_view kMulticast = "multicast and anycast: TCP has none";
constexpr std::string_view kUnix = "options of Unix sockets";
constexpr std::string_view kControlMessages = "told in control messages, which the programs of cases do not read";
constexpr std::string_view kNoEffect = "the kernel keeps the option for old programs and does nothing with it";
constexpr std::string_view kDevice = "about queues and memory of network cards, which a veth has not";
constexpr std::string_view kFlowLabel = "changes the flow label or the way through equal routes; cases state neither";
constexpr std::string_view kOneAddress = "chooses among the addresses of a host, which has one of each family";
constexpr std::string_view kPolicy = "about IPsec and NAT, which a stage has not";
constexpr std::string_view kMore =
    "needs what the programs of cases do not have: a BPF program, mapped memory, a module";
constexpr std::string_view kQuestion = "wants to be told which keys; a case's getsockopt() only asks";
constexpr std::string_view kProcessor = "about processors, and a run stays on one";
constexpr std::string_view kInside =
    "about the kernel's own memory and queues; nothing that a program or the wire shows comes of it";
constexpr std::string_view kRouting = "header extensions that only a router which follows them would show";
constexpr std::string_view kQueueFq = "delays only behind the queue fq of the host itself, which guests have not";
constexpr std::string_view kReadOnly = "only tells";
constexpr std::string_view kWholeMachine = "of the whole machine, which a run must leave as it is";
constexpr std::string_view kMemory = "about the kernel's own tables, and processors that wait for each other";
constexpr std::string_view kGone = "does nothing any more, before the oldest kernel here";
constexpr std::string_view kBursts = "how much is handed to the device at once, which is cut into the same segments";
constexpr std::string_view kPlb = "for equal routes and dctcp; a stage has one route";
constexpr std::string_view kVrf = "for VRFs, which a stage has not";

constexpr std::array kUnshown{
    Unshown{"SO_BROADCAST", kDatagram},
    Unshown{"SO_NO_CHECK", kDatagram},
    Unshown{"SO_RXQ_OVFL", kDatagram},
    Unshown{"SO_SELECT_ERR_QUEUE", kDatagram},
    Unshown{"SO_WIFI_STATUS", kDatagram},
    Unshown{"SO_NOFCS", kDatagram},
    Unshown{"SO_TXTIME", kDatagram},
    Unshown{"IP_HDRINCL", kDatagram},
    Unshown{"IP_ROUTER_ALERT", kDatagram},
    Unshown{"IP_NODEFRAG", kDatagram},
    Unshown{"IP_CHECKSUM", kDatagram},
    Unshown{"IP_PASSSEC", kDatagram},
    Unshown{"IP_ORIGDSTADDR", kDatagram},
    Unshown{"IP_RECVORIGDSTADDR", kDatagram},
    Unshown{"IP_RECVFRAGSIZE", kDatagram},
    Unshown{"IP_RECVERR_RFC4884", kDatagram},
    Unshown{"IP_UNICAST_IF", kDatagram},
    Unshown{"IPV6_CHECKSUM", kDatagram},
    Unshown{"IPV6_HDRINCL", kDatagram},
    Unshown{"IPV6_ROUTER_ALERT", kDatagram},
    Unshown{"IPV6_ROUTER_ALERT_ISOLATE", kDatagram},
    Unshown{"IPV6_NEXTHOP", kDatagram},
    Unshown{"IPV6_PKTINFO", kDatagram},
    Unshown{"IPV6_HOPLIMIT", kDatagram},
    Unshown{"IPV6_DONTFRAG", kDatagram},
    Unshown{"IPV6_RECVERR_RFC4884", kDatagram},
    Unshown{"IPV6_ORIGDSTADDR", kDatagram},
    Unshown{"IPV6_RECVORIGDSTADDR", kDatagram},
    Unshown{"IPV6_RECVFRAGSIZE", kDatagram},
    Unshown{"IPV6_UNICAST_IF", kDatagram},
    Unshown{"IPV6_RECVPATHMTU", kDatagram},
    Unshown{"IP_MULTICAST_IF", kMulticast},
    Unshown{"IP_MULTICAST_TTL", kMulticast},
    Unshown{"IP_MULTICAST_LOOP", kMulticast},
    Unshown{"IP_MULTICAST_ALL", kMulticast},
    Unshown{"IP_ADD_MEMBERSHIP", kMulticast},
    Unshown{"IP_DROP_MEMBERSHIP", kMulticast},
    Unshown{"IP_UNBLOCK_SOURCE", kMulticast},
    Unshown{"IP_BLOCK_SOURCE", kMulticast},
    Unshown{"IP_ADD_SOURCE_MEMBERSHIP", kMulticast},
    Unshown{"IP_DROP_SOURCE_MEMBERSHIP", kMulticast},
    Unshown{"IP_MSFILTER", kMulticast},
    Unshown{"MCAST_JOIN_GROUP", kMulticast},
    Unshown{"MCAST_BLOCK_SOURCE", kMulticast},
    Unshown{"MCAST_UNBLOCK_SOURCE", kMulticast},
    Unshown{"MCAST_LEAVE_GROUP", kMulticast},
    Unshown{"MCAST_JOIN_SOURCE_GROUP", kMulticast},
    Unshown{"MCAST_LEAVE_SOURCE_GROUP", kMulticast},
    Unshown{"MCAST_MSFILTER", kMulticast},
    Unshown{"IPV6_MULTICAST_IF", kMulticast},
    Unshown{"IPV6_MULTICAST_HOPS", kMulticast},
    Unshown{"IPV6_MULTICAST_LOOP", kMulticast},
    Unshown{"IPV6_MULTICAST_ALL", kMulticast},
    Unshown{"IPV6_ADD_MEMBERSHIP", kMulticast},
    Unshown{"IPV6_JOIN_GROUP", kMulticast},
    Unshown{"IPV6_DROP_MEMBERSHIP", kMulticast},
    Unshown{"IPV6_LEAVE_GROUP", kMulticast},
    Unshown{"IPV6_JOIN_ANYCAST", kMulticast},
    Unshown{"IPV6_LEAVE_ANYCAST", kMulticast},
    Unshown{"SO_PASSCRED", kUnix},
    Unshown{"SO_PEERCRED", kUnix},
    Unshown{"SO_PASSSEC", kUnix},
    Unshown{"SO_PEERSEC", kUnix},
    Unshown{"SO_PEERGROUPS", kUnix},
    Unshown{"SO_PASSPIDFD", kUnix},
    Unshown{"SO_PEERPIDFD", kUnix},
    Unshown{"SO_PASSRIGHTS", kUnix},
    Unshown{"SO_INQ", kUnix},
    Unshown{"SO_TIMESTAMP", kControlMessages},
    Unshown{"SO_TIMESTAMP_NEW", kControlMessages},
    Unshown{"SO_TIMESTAMPNS", kControlMessages},
    Unshown{"SO_TIMESTAMPNS_NEW", kControlMessages},
    Unshown{"SO_RCVMARK", kControlMessages},
    Unshown{"SO_RCVPRIORITY", kControlMessages},
    Unshown{"TCP_INQ", kControlMessages},
    Unshown{"IP_RECVOPTS", kControlMessages},
    Unshown{"IP_RETOPTS", kControlMessages},
    Unshown{"IP_RECVRETOPTS", kControlMessages},
    Unshown{"IPV6_RECVPKTINFO", kControlMessages},
    Unshown{"IPV6_2292PKTINFO", kControlMessages},
    Unshown{"IPV6_RECVHOPOPTS", kControlMessages},
    Unshown{"IPV6_2292HOPOPTS", kControlMessages},
    Unshown{"IPV6_RECVDSTOPTS", kControlMessages},
    Unshown{"IPV6_2292DSTOPTS", kControlMessages},
    Unshown{"IPV6_RECVRTHDR", kControlMessages},
    Unshown{"IPV6_2292RTHDR", kControlMessages},
    Unshown{"IPV6_FLOWINFO", kControlMessages},
    Unshown{"SO_DEBUG", kNoEffect},
    Unshown{"SO_BSDCOMPAT", kNoEffect},
    Unshown{"SO_SECURITY_AUTHENTICATION", kNoEffect},
    Unshown{"SO_SECURITY_ENCRYPTION_TRANSPORT", kNoEffect},
    Unshown{"SO_SECURITY_ENCRYPTION_NETWORK", kNoEffect},
    Unshown{"IPV6_AUTHHDR", kNoEffect},
    Unshown{"TCP_THIN_DUPACK", kNoEffect},
    Unshown{"SO_BUSY_POLL", kDevice},
    Unshown{"SO_PREFER_BUSY_POLL", kDevice},
    Unshown{"SO_BUSY_POLL_BUDGET", kDevice},
    Unshown{"SO_INCOMING_NAPI_ID", kDevice},
    Unshown{"SO_DEVMEM_LINEAR", kDevice},
    Unshown{"SO_DEVMEM_DMABUF", kDevice},
    Unshown{"SO_DEVMEM_DONTNEED", kDevice},
    Unshown{"SO_CNX_ADVICE", kFlowLabel},
    Unshown{"SO_TXREHASH", kFlowLabel},
    Unshown{"IPV6_FLOWLABEL_MGR", kFlowLabel},
    Unshown{"IPV6_FLOWINFO_SEND", kFlowLabel},
    Unshown{"IPV6_AUTOFLOWLABEL", kFlowLabel},
    Unshown{"IPV6_ADDR_PREFERENCES", kOneAddress},
    Unshown{"IP_IPSEC_POLICY", kPolicy},
    Unshown{"IP_XFRM_POLICY", kPolicy},
    Unshown{"IPV6_IPSEC_POLICY", kPolicy},
    Unshown{"IPV6_XFRM_POLICY", kPolicy},
    Unshown{"SO_ORIGINAL_DST", kPolicy},
    Unshown{"IP6T_SO_ORIGINAL_DST", kPolicy},
    Unshown{"SO_ATTACH_BPF", kMore},
    Unshown{"SO_DETACH_BPF", kMore},
    Unshown{"SO_ATTACH_REUSEPORT_EBPF", kMore},
    Unshown{"TCP_ZEROCOPY_RECEIVE", kMore},
    Unshown{"TCP_ULP", kMore},
    Unshown{"TCP_AO_GET_KEYS", kQuestion},
    Unshown{"SO_INCOMING_CPU", kProcessor},
    Unshown{"SO_PRIORITY", kInside},
    Unshown{"SO_RESERVE_MEM", kInside},
    Unshown{"SO_BPF_EXTENSIONS", kInside},
    Unshown{"IPV6_RTHDR", kRouting},
    Unshown{"IPV6_RTHDRDSTOPTS", kRouting},
    Unshown{"TCP_TX_DELAY", kQueueFq},
    Unshown{"net.ipv4.tcp_available_congestion_control", kReadOnly},
    Unshown{"net.ipv4.tcp_available_ulp", kReadOnly},
    Unshown{"net.ipv4.tcp_ehash_entries", kReadOnly},
    Unshown{"net.ipv4.tcp_allowed_congestion_control", kWholeMachine},
    Unshown{"net.ipv4.tcp_max_orphans", kWholeMachine},
    Unshown{"net.ipv4.tcp_mem", kWholeMachine},
    Unshown{"net.ipv4.tcp_child_ehash_entries", kMemory},
    Unshown{"net.ipv4.tcp_backlog_ack_defer", kMemory},
    Unshown{"net.ipv4.tcp_early_demux", kMemory},
    Unshown{"net.ipv4.tcp_fack", kGone},
    Unshown{"net.ipv4.tcp_low_latency", kGone},
    Unshown{"net.ipv4.tcp_limit_output_bytes", kBursts},
    Unshown{"net.ipv4.tcp_min_tso_segs", kBursts},
    Unshown{"net.ipv4.tcp_tso_rtt_log", kBursts},
    Unshown{"net.ipv4.tcp_tso_win_divisor", kBursts},
    Unshown{"net.ipv4.tcp_plb_cong_thresh", kPlb},
    Unshown{"net.ipv4.tcp_plb_enabled", kPlb},
    Unshown{"net.ipv4.tcp_plb_idle_rehash_rounds", kPlb},
    Unshown{"net.ipv4.tcp_plb_rehash_rounds", kPlb},
    Unshown{"net.ipv4.tcp_plb_suspend_rto_sec", kPlb},
    Unshown{"net.ipv4.tcp_l3mdev_accept", kVrf},
};

}  // namespace

std::string_view why_unshown(std::string_view name) {
    const auto found =
        std::find_if(kUnshown.begin(), kUnshown.end(), [name](const Unshown& each) { return each.name == name; });
    return found == kUnshown.end() ? std::string_view{} : found->why;
}

size_t unshown_count() {
    return kUnshown.size();
}

}  // namespace tcpwitness
