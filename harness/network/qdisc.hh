// Queueing disciplines at the root of an interface: what a path does to what it sends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "network/namespace.hh"
#include "base/netem.hh"
#include "network/netlink.hh"

namespace tcpwitness {

// Token bucket: `burst_bytes` at once, then the rate; what waits longer than the limit allows is dropped.
struct TbfSettings {
    uint64_t rate_bits_per_second = 0;
    uint32_t burst_bytes = 0;
    uint32_t limit_bytes = 0;
};

// Absent: the kernel's default.
struct FqSettings {
    std::optional<uint32_t> limit_packets;
    std::optional<uint32_t> flow_limit_packets;
    std::optional<bool> pacing;
};

struct FqCodelSettings {
    std::optional<uint32_t> limit_packets;
    std::optional<std::chrono::microseconds> target;
    std::optional<std::chrono::microseconds> interval;
    std::optional<bool> ecn;
};

struct PfifoSettings {
    uint32_t limit_packets = 1000;
};

using QdiscSettings = std::variant<NetemSettings, TbfSettings, FqSettings, FqCodelSettings, PfifoSettings>;

std::string_view qdisc_kind(const QdiscSettings& settings);  // "netem", "tbf", ...

struct InstalledQdisc {
    bool seeded = false;  // netem: the kernel took NetemSettings::seed; older kernels leave it out without a word
};

// Puts a qdisc at the root of an interface, in the place of whatever is there: packets that wait in that are dropped.
// netem over netem is changed in place and keeps what it holds. Throws Unsupported, with the kernel's words, when this
// kernel has no such qdisc; NetlinkError otherwise.
InstalledQdisc set_qdisc(const NetworkNamespace& network_namespace, const std::string& interface,
                         const QdiscSettings& settings);
// Back to what the interface had at first (veth: none). Throws NetlinkError when no qdisc was set.
void remove_qdisc(const NetworkNamespace& network_namespace, const std::string& interface);

struct QdiscStatistics {
    std::string kind;
    uint64_t sent_packets = 0;
    uint64_t sent_bytes = 0;
    uint32_t dropped_packets = 0;
    uint32_t backlog_packets = 0;
    uint32_t backlog_bytes = 0;
};

// Of the qdisc that set_qdisc put there. Throws Error when there is none.
QdiscStatistics qdisc_statistics(const NetworkNamespace& network_namespace, const std::string& interface);

// The request that set_qdisc sends.
NetlinkMessage qdisc_message(int index, const std::string& interface, const QdiscSettings& settings);

}  // namespace tcpwitness
