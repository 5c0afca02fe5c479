#include "network/qdisc.hh"

#include <fmt/core.h>
#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/qdisc/fifo.h>
#include <netlink/route/qdisc/fq_codel.h>
#include <netlink/route/qdisc/tbf.h>
#include <netlink/route/tc.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "base/error.hh"
#include "network/link.hh"
#include "network/netem_options.hh"

namespace tcpwitness {
namespace {

struct PutQdisc {
    void operator()(rtnl_qdisc* qdisc) const { rtnl_qdisc_put(qdisc); }
};
using Qdisc = std::unique_ptr<rtnl_qdisc, PutQdisc>;

int libnl_int(uint64_t value, std::string_view meaning) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int>::max()))
        throw Error(fmt::format("{} is too large: {}", meaning, value));
    return static_cast<int>(value);
}

void set_options(rtnl_qdisc* qdisc, const TbfSettings& settings) {
    if (settings.rate_bits_per_second < 8 || settings.burst_bytes == 0 || settings.limit_bytes == 0) {
        throw Error("tbf: it needs a rate, a burst and a limit");
    }
    constexpr int kNoCell = 0;
    rtnl_qdisc_tbf_set_rate(qdisc, libnl_int(settings.rate_bits_per_second / 8, "tbf's rate"),
                            libnl_int(settings.burst_bytes, "tbf's burst"), kNoCell);
    rtnl_qdisc_tbf_set_limit(qdisc, libnl_int(settings.limit_bytes, "tbf's limit"));
}

void set_options(rtnl_qdisc* qdisc, const FqCodelSettings& settings) {
    if (settings.limit_packets)
        rtnl_qdisc_fq_codel_set_limit(qdisc, libnl_int(*settings.limit_packets, "fq_codel's limit"));
    if (settings.target) rtnl_qdisc_fq_codel_set_target(qdisc, static_cast<uint32_t>(settings.target->count()));
    if (settings.interval) rtnl_qdisc_fq_codel_set_interval(qdisc, static_cast<uint32_t>(settings.interval->count()));
    if (settings.ecn) rtnl_qdisc_fq_codel_set_ecn(qdisc, *settings.ecn ? 1 : 0);
}

void set_options(rtnl_qdisc* qdisc, const PfifoSettings& settings) {
    rtnl_qdisc_fifo_set_limit(qdisc, libnl_int(settings.limit_packets, "pfifo's limit"));
}

NetlinkMessage root_message(uint16_t type, uint16_t flags, std::string_view name, int index,
                            const std::string& interface) {
    NetlinkMessage message(type, flags, name, interface);
    tcmsg header{};
    header.tcm_ifindex = index;
    header.tcm_parent = TC_H_ROOT;
    message.append(header);
    return message;
}

constexpr uint16_t kReplace = NLM_F_CREATE | NLM_F_REPLACE;

NetlinkMessage message_of(int index, const std::string& interface, const NetemSettings& settings) {
    NetlinkMessage message = root_message(RTM_NEWQDISC, kReplace, "RTM_NEWQDISC netem", index, interface);
    message.put(TCA_KIND, std::string("netem"));
    append_netem_options(message, settings);
    return message;
}

// libnl 3.7 does not know fq.
NetlinkMessage message_of(int index, const std::string& interface, const FqSettings& settings) {
    NetlinkMessage message = root_message(RTM_NEWQDISC, kReplace, "RTM_NEWQDISC fq", index, interface);
    message.put(TCA_KIND, std::string("fq"));
    message.nest(TCA_OPTIONS, [&] {
        if (settings.limit_packets) message.put(TCA_FQ_PLIMIT, *settings.limit_packets);
        if (settings.flow_limit_packets) message.put(TCA_FQ_FLOW_PLIMIT, *settings.flow_limit_packets);
        if (settings.pacing) message.put(TCA_FQ_RATE_ENABLE, uint32_t{*settings.pacing});
    });
    return message;
}

// The kinds that libnl knows.
template <typename Settings>
NetlinkMessage message_of(int index, const std::string& interface, const Settings& settings) {
    const std::string kind(qdisc_kind(settings));
    const std::string name = "RTM_NEWQDISC " + kind;
    const Qdisc qdisc(rtnl_qdisc_alloc());
    if (!qdisc) throw NetlinkError(name, interface, ENOMEM);
    rtnl_tc_set_ifindex(TC_CAST(qdisc.get()), index);
    rtnl_tc_set_parent(TC_CAST(qdisc.get()), TC_H_ROOT);
    rtnl_tc_set_kind(TC_CAST(qdisc.get()), kind.c_str());
    set_options(qdisc.get(), settings);
    nl_msg* built = nullptr;
    const int result = rtnl_qdisc_build_add_request(qdisc.get(), kReplace, &built);
    if (result < 0) throw Error(fmt::format("{} on {}: libnl: {}", name, interface, nl_geterror(result)));
    return {built, name, interface};
}

// A qdisc that somebody set has a handle, the kernel's own has none.
uint32_t handle_of(const nlmsghdr& header) {
    return static_cast<const tcmsg*>(nlmsg_data(&header))->tcm_handle;
}

// Gives the attributes of the root qdisc to `take`; does nothing when there is none but the kernel's own. The kernel
// answers by notifying whoever listens, the asker only with NLM_F_ECHO.
void look(const NetworkNamespace& network_namespace, const std::string& interface,
          const std::function<void(const nlmsghdr&)>& take) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().query(root_message(RTM_GETQDISC, NLM_F_ECHO, "RTM_GETQDISC", index, interface),
                                           [&](const nlmsghdr& header) {
                                               if (header.nlmsg_type == RTM_NEWQDISC && handle_of(header) != 0)
                                                   take(header);
                                           });
}

const nlattr* attribute_of(const nlmsghdr& header, int attribute) {
    return nlmsg_find_attr(const_cast<nlmsghdr*>(&header), sizeof(tcmsg), attribute);
}

// Copies a structure that a newer kernel may have made longer and an older one shorter.
template <typename Structure>
Structure copy_of(const nlattr* attribute) {
    Structure structure{};
    if (attribute != nullptr) {
        std::memcpy(&structure, nla_data(attribute),
                    std::min<size_t>(sizeof structure, static_cast<size_t>(nla_len(attribute))));
    }
    return structure;
}

bool holds_seed(const nlmsghdr& header) {
    const nlattr* options = attribute_of(header, TCA_OPTIONS);
    if (options == nullptr || nla_len(options) < static_cast<int>(sizeof(tc_netem_qopt))) return false;
    const auto* first =
        reinterpret_cast<const nlattr*>(static_cast<const char*>(nla_data(options)) + sizeof(tc_netem_qopt));
    return nla_find(first, nla_len(options) - static_cast<int>(sizeof(tc_netem_qopt)), kNetemSeedAttribute) != nullptr;
}

}  // namespace

std::string_view qdisc_kind(const QdiscSettings& settings) {
    constexpr std::array<std::string_view, 5> kKinds{"netem", "tbf", "fq", "fq_codel", "pfifo"};
    static_assert(kKinds.size() == std::variant_size_v<QdiscSettings>);
    return kKinds[settings.index()];
}

NetlinkMessage qdisc_message(int index, const std::string& interface, const QdiscSettings& settings) {
    return std::visit([&](const auto& chosen) { return message_of(index, interface, chosen); }, settings);
}

InstalledQdisc set_qdisc(const NetworkNamespace& network_namespace, const std::string& interface,
                         const QdiscSettings& settings) {
    try {
        const int index = link_index(network_namespace, interface);
        network_namespace.route_socket().request(qdisc_message(index, interface, settings));
    } catch (const NetlinkError& error) {
        // ENOENT: "Specified qdisc kind is unknown"; a missing interface was ENODEV before.
        if (error.error_number() != ENOENT && error.error_number() != EOPNOTSUPP) throw;
        throw Unsupported(fmt::format("this kernel has no {}: {}", qdisc_kind(settings), error.what()));
    }
    InstalledQdisc installed;
    const auto* netem = std::get_if<NetemSettings>(&settings);
    if (netem != nullptr && netem->seed) {
        look(network_namespace, interface, [&](const nlmsghdr& header) { installed.seeded = holds_seed(header); });
    }
    return installed;
}

void remove_qdisc(const NetworkNamespace& network_namespace, const std::string& interface) {
    const int index = link_index(network_namespace, interface);
    network_namespace.route_socket().request(root_message(RTM_DELQDISC, 0, "RTM_DELQDISC", index, interface));
}

QdiscStatistics qdisc_statistics(const NetworkNamespace& network_namespace, const std::string& interface) {
    QdiscStatistics statistics;
    look(network_namespace, interface, [&](const nlmsghdr& header) {
        const nlattr* kind = attribute_of(header, TCA_KIND);
        if (kind != nullptr) statistics.kind = nla_get_string(kind);
        const nlattr* all = attribute_of(header, TCA_STATS2);
        if (all == nullptr) return;
        const auto find = [&](int attribute) {
            return nla_find(static_cast<const nlattr*>(nla_data(all)), nla_len(all), attribute);
        };
        const auto basic = copy_of<gnet_stats_basic>(find(TCA_STATS_BASIC));
        const auto queue = copy_of<gnet_stats_queue>(find(TCA_STATS_QUEUE));
        statistics.sent_bytes = basic.bytes;
        statistics.sent_packets = basic.packets;
        statistics.dropped_packets = queue.drops;
        statistics.backlog_packets = queue.qlen;
        statistics.backlog_bytes = queue.backlog;
    });
    if (statistics.kind.empty()) throw Error(fmt::format("{} {} has no qdisc", network_namespace.name(), interface));
    return statistics;
}

}  // namespace tcpwitness
