#include "base/socket_names.hh"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/sockios.h>
#include <netinet/ip.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>

#include "base/newer_headers.hh"

namespace tcpwitness {
namespace {

struct Constant {
    std::string_view name;
    int value;
};

// clang-format off
#define C(name) {#name, int(name)}
// clang-format on

constexpr Constant kConstants[] = {
    // levels
    C(SOL_SOCKET),
    C(SOL_IP),
    C(SOL_TCP),
    C(SOL_IPV6),
    // protocols, also levels
    C(IPPROTO_IP),
    C(IPPROTO_ICMP),
    C(IPPROTO_TCP),
    C(IPPROTO_UDP),
    C(IPPROTO_IPV6),
    C(IPPROTO_ICMPV6),
    C(IPPROTO_SCTP),
    C(IPPROTO_MPTCP),
    C(IPPROTO_RAW),
    // families and types of sockets
    C(AF_UNSPEC),
    C(AF_UNIX),
    C(AF_INET),
    C(AF_INET6),
    C(PF_UNSPEC),
    C(PF_INET),
    C(PF_INET6),
    C(SOCK_STREAM),
    C(SOCK_DGRAM),
    C(SOCK_RAW),
    C(SOCK_SEQPACKET),
    C(SOCK_NONBLOCK),
    C(SOCK_CLOEXEC),
    C(SOMAXCONN),
    // shutdown
    C(SHUT_RD),
    C(SHUT_WR),
    C(SHUT_RDWR),
    // send and recv
    C(MSG_OOB),
    C(MSG_PEEK),
    C(MSG_DONTROUTE),
    C(MSG_CTRUNC),
    C(MSG_PROXY),
    C(MSG_TRUNC),
    C(MSG_DONTWAIT),
    C(MSG_EOR),
    C(MSG_WAITALL),
    C(MSG_FIN),
    C(MSG_SYN),
    C(MSG_CONFIRM),
    C(MSG_RST),
    C(MSG_ERRQUEUE),
    C(MSG_NOSIGNAL),
    C(MSG_MORE),
    C(MSG_WAITFORONE),
    C(MSG_BATCH),
    C(MSG_SOCK_DEVMEM),
    C(MSG_ZEROCOPY),
    C(MSG_FASTOPEN),
    C(MSG_CMSG_CLOEXEC),
    // poll
    C(POLLIN),
    C(POLLPRI),
    C(POLLOUT),
    C(POLLERR),
    C(POLLHUP),
    C(POLLNVAL),
    C(POLLRDNORM),
    C(POLLRDBAND),
    C(POLLWRNORM),
    C(POLLWRBAND),
    C(POLLRDHUP),
    // fcntl and ioctl
    C(F_GETFL),
    C(F_SETFL),
    C(O_NONBLOCK),
    C(FIONREAD),
    C(SIOCATMARK),
    C(SIOCINQ),
    C(SIOCOUTQ),
    C(SIOCOUTQNSD),
    // values of options
    C(IP_PMTUDISC_DONT),
    C(IP_PMTUDISC_WANT),
    C(IP_PMTUDISC_DO),
    C(IP_PMTUDISC_PROBE),
    C(IP_PMTUDISC_INTERFACE),
    C(IP_PMTUDISC_OMIT),
    C(IPV6_PMTUDISC_DONT),
    C(IPV6_PMTUDISC_WANT),
    C(IPV6_PMTUDISC_DO),
    C(IPV6_PMTUDISC_PROBE),
    C(IPV6_PMTUDISC_INTERFACE),
    C(IPV6_PMTUDISC_OMIT),
    C(IPTOS_LOWDELAY),
    C(IPTOS_THROUGHPUT),
    C(IPTOS_RELIABILITY),
    C(IPTOS_MINCOST),
    C(IPTOS_ECN_NOT_ECT),
    C(IPTOS_ECN_ECT0),
    C(IPTOS_ECN_ECT1),
    C(IPTOS_ECN_CE),
    C(TCP_REPAIR_ON),
    C(TCP_REPAIR_OFF),
    C(TCP_REPAIR_OFF_NO_WP),
    {"TCP_NO_QUEUE", 0},
    {"TCP_RECV_QUEUE", 1},
    {"TCP_SEND_QUEUE", 2},  // for TCP_REPAIR_QUEUE, <linux/tcp.h>
    {"SO_RCVTIMEO_OLD", 20},
    {"SO_SNDTIMEO_OLD", 21},
    {"SOCK_SNDBUF_LOCK", 1},
    {"SOCK_RCVBUF_LOCK", 2},  // for SO_BUF_LOCK, <linux/socket.h>
    {"SOCK_TXREHASH_DEFAULT", 255},
    {"SOCK_TXREHASH_DISABLED", 0},
    {"SOCK_TXREHASH_ENABLED", 1},
    {"IPV6_PREFER_SRC_TMP", 1},
    {"IPV6_PREFER_SRC_PUBLIC", 2},
    {"IPV6_PREFER_SRC_COA", 4},  // RFC 5014
};

constexpr Constant kPollEvents[] = {C(POLLIN),     C(POLLPRI),    C(POLLOUT),    C(POLLERR),
                                    C(POLLHUP),    C(POLLNVAL),   C(POLLRDNORM), C(POLLRDBAND),
                                    C(POLLWRNORM), C(POLLWRBAND), C(POLLRDHUP)};

#undef C

std::optional<int> integer(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x");
    if (hexadecimal) text.remove_prefix(2);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return static_cast<int>(value);
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<int> socket_constant(std::string_view name) {
    const auto* constant = std::ranges::find(kConstants, name, &Constant::name);
    if (constant != std::end(kConstants)) return constant->value;
    if (const auto option = socket_option(name)) return option->number;
    return std::nullopt;
}

std::optional<int> socket_constants(std::string_view text) {
    int value = 0;
    while (true) {
        const size_t bar = text.find('|');
        const std::string_view part = trim(text.substr(0, bar));
        std::optional<int> constant = socket_constant(part);
        if (!constant) constant = integer(part);
        if (!constant) return std::nullopt;
        value |= *constant;
        if (bar == std::string_view::npos) return value;
        text.remove_prefix(bar + 1);
    }
}

std::vector<std::string> socket_constant_names() {
    std::vector<std::string> names;
    for (const Constant& constant : kConstants) names.emplace_back(constant.name);
    for (const SocketOption& option : socket_options()) names.emplace_back(option.name);
    return names;
}

std::string poll_events_text(int events) {
    std::string text;
    for (const Constant& event : kPollEvents) {
        if ((events & event.value) == 0) continue;
        if (!text.empty()) text += '|';
        text += event.name;
        events &= ~event.value;
    }
    if (events != 0) text += fmt::format("{}{:#x}", text.empty() ? "" : "|", events);
    return text.empty() ? "0" : text;
}

std::optional<int> signal_number(std::string_view name) {
    if (!name.starts_with("SIG")) return std::nullopt;
    const std::string_view short_name = name.substr(3);
    if (short_name == "CLD") return SIGCHLD;
    if (short_name == "IO") return SIGIO;
    if (short_name == "IOT") return SIGIOT;
    for (int number = 1; number < SIGRTMIN; ++number) {
        const char* known = sigabbrev_np(number);
        if (known != nullptr && short_name == known) return number;
    }
    if (short_name == "RTMIN") return SIGRTMIN;
    if (short_name == "RTMAX") return SIGRTMAX;
    if (!short_name.starts_with("RTMIN+")) return std::nullopt;
    const auto offset = integer(short_name.substr(6));
    if (!offset || *offset < 0 || *offset > SIGRTMAX - SIGRTMIN) return std::nullopt;
    return SIGRTMIN + *offset;
}

std::string signal_name(int number) {
    const char* known = number > 0 ? sigabbrev_np(number) : nullptr;
    if (known != nullptr) return fmt::format("SIG{}", known);
    if (number == SIGRTMIN) return "SIGRTMIN";
    if (number > SIGRTMIN && number <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", number - SIGRTMIN);
    return fmt::format("signal {}", number);
}

}  // namespace tcpwitness
