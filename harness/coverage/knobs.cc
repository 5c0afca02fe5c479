#include "coverage/knobs.hh"

#include <algorithm>
#include <set>

#include "base/socket_options.hh"

namespace tcpwitness {
namespace {

// cases/README.md, "Hosts and sysctls": what the harness sets in every run.
bool is_of_the_harness(const std::string& key) {
    static const std::set<std::string_view> kSet{
        "net.ipv4.ip_forward",
        "net.ipv6.conf.all.forwarding",
        "net.ipv4.conf.all.rp_filter",
        "net.ipv4.conf.default.rp_filter",
        "net.ipv6.conf.all.disable_ipv6",
        "net.ipv6.conf.default.disable_ipv6",
        "net.ipv6.conf.default.accept_dad",
        "net.ipv6.conf.default.accept_ra",
        "net.ipv6.conf.default.router_solicitations",
    };
    return kSet.count(key) != 0;
}

std::string text_of(const Value& value) {
    switch (value.kind) {
        case Value::Kind::integer:
            return std::to_string(value.integer);
        case Value::Kind::duration:
            return format_duration(value.duration);
        case Value::Kind::list: {
            std::string text;
            for (const Value& item : value.items) text += (text.empty() ? "" : ", ") + text_of(item);
            return "{" + text + "}";
        }
        case Value::Kind::field:
            return value.text + "=" + text_of(value.items.at(0));
        case Value::Kind::address:
            return value.address ? to_string(*value.address) : std::string();
        default:
            return value.text;
    }
}

}  // namespace

const std::vector<std::string_view>& wanted_sysctls() {
    static const std::vector<std::string_view> kWanted{
        "net.core.somaxconn",
        "net.ipv4.ip_autobind_reuse",
        "net.ipv4.ip_default_ttl",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_no_pmtu_disc",
        "net.ipv4.ip_nonlocal_bind",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_abort_on_overflow",
        "net.ipv4.tcp_adv_win_scale",
        "net.ipv4.tcp_allowed_congestion_control",
        "net.ipv4.tcp_app_win",
        "net.ipv4.tcp_autocorking",
        "net.ipv4.tcp_available_congestion_control",
        "net.ipv4.tcp_available_ulp",
        "net.ipv4.tcp_backlog_ack_defer",
        "net.ipv4.tcp_base_mss",
        "net.ipv4.tcp_challenge_ack_limit",
        "net.ipv4.tcp_child_ehash_entries",
        "net.ipv4.tcp_comp_sack_delay_ns",
        "net.ipv4.tcp_comp_sack_nr",
        "net.ipv4.tcp_comp_sack_rtt_percent",
        "net.ipv4.tcp_comp_sack_slack_ns",
        "net.ipv4.tcp_congestion_control",
        "net.ipv4.tcp_dsack",
        "net.ipv4.tcp_early_demux",
        "net.ipv4.tcp_early_retrans",
        "net.ipv4.tcp_ecn",
        "net.ipv4.tcp_ecn_fallback",
        "net.ipv4.tcp_ecn_option",
        "net.ipv4.tcp_ecn_option_beacon",
        "net.ipv4.tcp_ehash_entries",
        "net.ipv4.tcp_fack",
        "net.ipv4.tcp_fastopen",
        "net.ipv4.tcp_fastopen_blackhole_timeout_sec",
        "net.ipv4.tcp_fastopen_key",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_frto",
        "net.ipv4.tcp_fwmark_accept",
        "net.ipv4.tcp_invalid_ratelimit",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_l3mdev_accept",
        "net.ipv4.tcp_limit_output_bytes",
        "net.ipv4.tcp_low_latency",
        "net.ipv4.tcp_max_orphans",
        "net.ipv4.tcp_max_reordering",
        "net.ipv4.tcp_max_syn_backlog",
        "net.ipv4.tcp_max_tw_buckets",
        "net.ipv4.tcp_mem",
        "net.ipv4.tcp_migrate_req",
        "net.ipv4.tcp_min_rtt_wlen",
        "net.ipv4.tcp_min_snd_mss",
        "net.ipv4.tcp_min_tso_segs",
        "net.ipv4.tcp_moderate_rcvbuf",
        "net.ipv4.tcp_mtu_probe_floor",
        "net.ipv4.tcp_mtu_probing",
        "net.ipv4.tcp_no_metrics_save",
        "net.ipv4.tcp_no_ssthresh_metrics_save",
        "net.ipv4.tcp_notsent_lowat",
        "net.ipv4.tcp_orphan_retries",
        "net.ipv4.tcp_pacing_ca_ratio",
        "net.ipv4.tcp_pacing_ss_ratio",
        "net.ipv4.tcp_pingpong_thresh",
        "net.ipv4.tcp_plb_cong_thresh",
        "net.ipv4.tcp_plb_enabled",
        "net.ipv4.tcp_plb_idle_rehash_rounds",
        "net.ipv4.tcp_plb_rehash_rounds",
        "net.ipv4.tcp_plb_suspend_rto_sec",
        "net.ipv4.tcp_probe_interval",
        "net.ipv4.tcp_probe_threshold",
        "net.ipv4.tcp_rcvbuf_low_rtt",
        "net.ipv4.tcp_recovery",
        "net.ipv4.tcp_reflect_tos",
        "net.ipv4.tcp_reordering",
        "net.ipv4.tcp_retrans_collapse",
        "net.ipv4.tcp_retries1",
        "net.ipv4.tcp_retries2",
        "net.ipv4.tcp_rfc1337",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_rto_max_ms",
        "net.ipv4.tcp_rto_min_us",
        "net.ipv4.tcp_sack",
        "net.ipv4.tcp_shrink_window",
        "net.ipv4.tcp_slow_start_after_idle",
        "net.ipv4.tcp_stdurg",
        "net.ipv4.tcp_syn_linear_timeouts",
        "net.ipv4.tcp_syn_retries",
        "net.ipv4.tcp_synack_retries",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_thin_linear_timeouts",
        "net.ipv4.tcp_timestamps",
        "net.ipv4.tcp_tso_rtt_log",
        "net.ipv4.tcp_tso_win_divisor",
        "net.ipv4.tcp_tw_reuse",
        "net.ipv4.tcp_tw_reuse_delay",
        "net.ipv4.tcp_window_scaling",
        "net.ipv4.tcp_wmem",
        "net.ipv4.tcp_workaround_signed_windows",
        "net.ipv6.bindv6only",
        "net.ipv6.ip_nonlocal_bind",
    };
    return kWanted;
}

std::vector<std::string_view> wanted_options() {
    std::vector<std::string_view> names;
    for (const SocketOption& option : socket_options()) names.push_back(option.name);
    return names;
}

std::vector<ShownKnob> sysctls_set(const RunView& run) {
    std::vector<ShownKnob> set;
    for (const PlanHost& host : run.plan.network.hosts) {
        for (const auto& [key, value] : host.sysctls) {
            if (!is_of_the_harness(key)) set.push_back({key, value});
        }
    }
    for (size_t i = 0; i < run.length; ++i) {
        const auto* ended = run.event<StepEnded>(i);
        if (ended == nullptr || ended->outcome != StepOutcome::done) continue;
        const auto* step = std::get_if<SysctlStep>(&run.plan.steps[static_cast<size_t>(ended->step)].action);
        if (step != nullptr) set.push_back({step->key, step->value});
    }
    return set;
}

std::vector<ShownKnob> options_used(const RunView& run) {
    std::vector<ShownKnob> used;
    for (size_t i = 0; i < run.length; ++i) {
        const auto* call = run.event<Call>(i);
        if (call == nullptr || call->error_number != 0 || !call->ended || call->step < 0) continue;
        const auto* step = std::get_if<CallStep>(&run.plan.steps[static_cast<size_t>(call->step)].action);
        if (step == nullptr || step->arguments.size() < 3) continue;
        if (step->function == "setsockopt") used.push_back({step->arguments[2].text, text_of(step->arguments.back())});
        if (step->function == "getsockopt") used.push_back({step->arguments[2].text, ""});
    }
    return used;
}

}  // namespace tcpwitness
