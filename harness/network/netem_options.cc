#include "network/netem_options.hh"

#include <fmt/core.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr size_t kTableSize = 4096;
constexpr size_t kLargestRequest = 32768;  // two tables of 8 KiB and the rest

// The kernel's old fields for delay and jitter: ticks of 64 ns in 32 bits. Since 4.15 LATENCY64 and JITTER64 overrule
// them.
uint32_t ticks(std::chrono::nanoseconds duration) {
    return static_cast<uint32_t>(std::min<int64_t>(duration.count() / 64, std::numeric_limits<uint32_t>::max()));
}

double inverse_normal(double probability) {
    double low = -10;
    double high = 10;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
    }
    return (low + high) / 2;
}

// Pareto with exponent 3, moved and stretched to mean 0 and sigma 1 (iproute2's netem/pareto.c).
double inverse_pareto(double probability) {
    return (1.0 / std::cbrt(1.0 - probability) - 1.5) * (4.0 / 3.0);
}

double inverse_of(std::string_view name, double probability) {
    if (name.empty() || name == "uniform") return 2 * probability - 1;
    if (name == "normal") return inverse_normal(probability);
    if (name == "pareto") return inverse_pareto(probability);
    if (name == "paretonormal") return 0.25 * inverse_normal(probability) + 0.75 * inverse_pareto(probability);
    throw Error(fmt::format("netem has no distribution '{}'", name));
}

void append_table(NetlinkMessage& message, int attribute, const std::string& name) {
    const std::vector<int16_t> table = distribution_table(name);
    message.put(attribute, table.data(), table.size() * sizeof table[0]);
}

tc_netem_qopt fixed_part(const NetemSettings& settings) {
    tc_netem_qopt options{};
    options.latency = ticks(settings.delay);
    options.jitter = ticks(settings.jitter);
    options.limit = settings.limit_packets;
    options.duplicate = netem_probability(settings.duplicate_percent);
    if (const auto* loss = std::get_if<RandomLoss>(&settings.loss)) options.loss = netem_probability(loss->percent);
    // Without a gap netem reorders nothing; with one and no probability, every gap-th packet.
    if (settings.reorder_percent > 0) options.gap = std::max(1U, settings.gap);
    return options;
}

void append_loss_model(NetlinkMessage& message, const NetemSettings& settings) {
    if (const auto* state = std::get_if<StateLoss>(&settings.loss)) {
        tc_netem_gimodel model{};
        model.p13 = netem_probability(state->p13_percent);
        model.p31 = netem_probability(state->p31_percent);
        model.p32 = netem_probability(state->p32_percent);
        model.p23 = netem_probability(state->p23_percent);
        model.p14 = netem_probability(state->p14_percent);
        message.nest(TCA_NETEM_LOSS, [&] { message.put(NETEM_LOSS_GI, &model, sizeof model); });
    } else if (const auto* gilbert = std::get_if<GilbertElliottLoss>(&settings.loss)) {
        tc_netem_gemodel model{};
        model.p = netem_probability(gilbert->p_percent);
        model.r = netem_probability(gilbert->r_percent);
        model.h = netem_probability(100 - gilbert->bad_loss_percent);  // the kernel wants h, people say 1-h
        model.k1 = netem_probability(gilbert->good_loss_percent);
        message.nest(TCA_NETEM_LOSS, [&] { message.put(NETEM_LOSS_GE, &model, sizeof model); });
    }
}

void append_rate(NetlinkMessage& message, const NetemRate& settings) {
    const uint64_t bytes_per_second = settings.rate_bits_per_second / 8;
    tc_netem_rate rate{};
    rate.rate = static_cast<uint32_t>(std::min<uint64_t>(bytes_per_second, std::numeric_limits<uint32_t>::max()));
    rate.packet_overhead = settings.packet_overhead_bytes;
    rate.cell_size = settings.cell_size_bytes;
    rate.cell_overhead = settings.cell_overhead_bytes;
    if (bytes_per_second > rate.rate) message.put(TCA_NETEM_RATE64, bytes_per_second);
    message.put(TCA_NETEM_RATE, &rate, sizeof rate);
}

void append_slot(NetlinkMessage& message, const NetemSlot& settings) {
    tc_netem_slot slot{};
    slot.min_delay = settings.least.count();
    slot.max_delay = settings.most.count();
    slot.max_packets = settings.packets;
    slot.max_bytes = settings.bytes;
    slot.dist_delay = settings.delay.count();
    slot.dist_jitter = settings.jitter.count();
    message.put(TCA_NETEM_SLOT, &slot, sizeof slot);
    if (settings.jitter.count() > 0) append_table(message, TCA_NETEM_SLOT_DIST, settings.distribution);
}

}  // namespace

uint32_t netem_probability(double percent) {
    return static_cast<uint32_t>(std::llround(percent / 100 * std::numeric_limits<uint32_t>::max()));
}

std::vector<int16_t> distribution_table(std::string_view name) {
    std::vector<int16_t> table;
    for (size_t i = 0; i < kTableSize; ++i) {
        // In the middle of each step: the ends of the distribution are infinite.
        const double value = inverse_of(name, (static_cast<double>(i) + 0.5) / kTableSize) * NETEM_DIST_SCALE;
        table.push_back(static_cast<int16_t>(std::clamp(std::round(value), -32768.0, 32767.0)));
    }
    return table;
}

void append_netem_options(NetlinkMessage& message, const NetemSettings& settings) {
    nlmsg_expand(message.get(), kLargestRequest);
    message.nest(TCA_OPTIONS, [&] {
        message.append(fixed_part(settings));
        const auto* loss = std::get_if<RandomLoss>(&settings.loss);
        const tc_netem_corr correlations{netem_probability(settings.delay_correlation_percent),
                                         loss != nullptr ? netem_probability(loss->correlation_percent) : 0,
                                         netem_probability(settings.duplicate_correlation_percent)};
        message.put(TCA_NETEM_CORR, &correlations, sizeof correlations);
        const tc_netem_reorder reorder{netem_probability(settings.reorder_percent),
                                       netem_probability(settings.reorder_correlation_percent)};
        message.put(TCA_NETEM_REORDER, &reorder, sizeof reorder);
        const tc_netem_corrupt corrupt{netem_probability(settings.corrupt_percent),
                                       netem_probability(settings.corrupt_correlation_percent)};
        message.put(TCA_NETEM_CORRUPT, &corrupt, sizeof corrupt);
        message.put(TCA_NETEM_LATENCY64, int64_t{settings.delay.count()});
        message.put(TCA_NETEM_JITTER64, int64_t{settings.jitter.count()});
        if (settings.jitter.count() > 0) append_table(message, TCA_NETEM_DELAY_DIST, settings.distribution);
        append_loss_model(message, settings);
        append_rate(message, settings.rate.value_or(NetemRate{}));
        append_slot(message, settings.slot.value_or(NetemSlot{}));
        message.put(TCA_NETEM_ECN, uint32_t{settings.ecn});
        if (settings.seed) message.put(kNetemSeedAttribute, *settings.seed);
    });
}

}  // namespace tcpwitness
