#include "faults/path_queues.hh"

#include <fmt/core.h>

#include <algorithm>

#include "base/error.hh"
#include "base/netem.hh"
#include "base/queue_parameters.hh"

namespace tcpwitness {
namespace {

uint64_t packets_through(const QueuePlace& place) {
    const QdiscStatistics seen = qdisc_statistics(*place.network_namespace, place.interface);
    return seen.sent_packets + seen.dropped_packets + seen.backlog_packets;
}

// As much as the rate gives in one tick of 4 ms, and room for the largest packet.
uint32_t default_burst(uint64_t bytes_per_second) {
    constexpr uint64_t kTicks = 250;
    constexpr uint64_t kTwoPackets = 3200;
    return static_cast<uint32_t>(std::max(bytes_per_second / kTicks, kTwoPackets));
}

TbfSettings tbf_settings(const QueueParameters& queue) {
    using namespace std::chrono_literals;
    constexpr Duration kDefaultLatency = 50ms;
    const uint64_t bytes_per_second = queue.rate_bits_per_second.value_or(0) / 8;
    TbfSettings settings{.rate_bits_per_second = queue.rate_bits_per_second.value_or(0)};
    settings.burst_bytes = queue.burst_bytes.value_or(default_burst(bytes_per_second));
    const double seconds = std::chrono::duration<double>(queue.latency.value_or(kDefaultLatency)).count();
    settings.limit_bytes = queue.limit.value_or(static_cast<uint32_t>(static_cast<double>(bytes_per_second) * seconds) +
                                                settings.burst_bytes);
    return settings;
}

std::optional<std::chrono::microseconds> as_microseconds(const std::optional<Duration>& duration) {
    if (!duration) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::microseconds>(*duration);
}

}  // namespace

QdiscSettings queue_settings(const QueueTrick& trick) {
    const QueueParameters queue = parse_queue(trick.discipline, trick.parameters);
    if (trick.discipline == "tbf") return tbf_settings(queue);
    if (trick.discipline == "fq") return FqSettings{queue.limit, queue.flow_limit, queue.pacing};
    if (trick.discipline == "fq_codel")
        return FqCodelSettings{queue.limit, as_microseconds(queue.target), as_microseconds(queue.interval), queue.ecn};
    return PfifoSettings{.limit_packets = queue.limit.value_or(PfifoSettings{}.limit_packets)};
}

void PathQueues::set(int step, const NetemTrick& trick, const std::vector<QueuePlace>& places) {
    for (const QueuePlace& place : places) {
        if (!trick.on) {
            take_off(place);
            continue;
        }
        NetemSettings settings = parse_netem({trick.parameters.begin(), trick.parameters.end()});
        // Each netem draws from numbers of its own, all of them from the run's seed.
        if (!settings.seed) settings.seed = (seed_ + 1) * 0x9e3779b97f4a7c15 + ++seeds_given_;
        install(step, place, settings);
    }
}

void PathQueues::set(int step, const QueueTrick& trick, const std::vector<QueuePlace>& places) {
    for (const QueuePlace& place : places) {
        if (trick.discipline == "off") {
            take_off(place);
        } else {
            install(step, place, queue_settings(trick));
        }
    }
}

void PathQueues::install(int step, const QueuePlace& place, const QdiscSettings& settings) {
    close(place);
    set_qdisc(*place.network_namespace, place.interface, settings);
    installed_.push_back({step, place, packets_through(place)});
}

void PathQueues::take_off(const QueuePlace& place) {
    const auto same = [&](const Installed& each) { return each.place == place; };
    if (std::none_of(installed_.begin(), installed_.end(), same))
        throw Error(fmt::format("there is no queue to take off {}", place.interface));
    close(place);
    remove_qdisc(*place.network_namespace, place.interface);
}

void PathQueues::close(const QueuePlace& place) {
    for (const Installed& each : installed_) {
        if (each.place == place) packets_.emplace_back(each.step, packets_through(place) - each.packets_before);
    }
    std::erase_if(installed_, [&](const Installed& each) { return each.place == place; });
}

std::vector<std::pair<int, std::string>> PathQueues::shortfalls() {
    while (!installed_.empty()) close(QueuePlace(installed_.front().place));
    std::vector<std::pair<int, std::string>> idle;
    for (const auto& [step, packets] : packets_) {
        const bool used = std::any_of(packets_.begin(), packets_.end(), [step = step](const auto& each) {
            return each.first == step && each.second > 0;
        });
        const bool told =
            std::any_of(idle.begin(), idle.end(), [step = step](const auto& each) { return each.first == step; });
        if (!used && !told) idle.emplace_back(step, "no packet went through it");
    }
    return idle;
}

}  // namespace tcpwitness
