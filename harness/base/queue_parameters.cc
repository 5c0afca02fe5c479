#include "base/queue_parameters.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

#include "base/error.hh"
#include "base/netem.hh"

namespace tcpwitness {
namespace {

using Names = std::vector<std::string_view>;

const Names& names_of(std::string_view discipline) {
    static const std::map<std::string_view, Names> kNames{{"tbf", {"rate", "burst", "latency", "limit"}},
                                                          {"fq", {"limit", "flow_limit", "pacing"}},
                                                          {"fq_codel", {"limit", "target", "interval", "ecn"}},
                                                          {"pfifo", {"limit"}}};
    const auto found = kNames.find(discipline);
    if (found == kNames.end()) throw Error(fmt::format("there is no queue '{}'", discipline));
    return found->second;
}

std::optional<bool> parse_switch(std::string_view text) {
    if (text == "on" || text == "yes" || text == "1") return true;
    if (text == "off" || text == "no" || text == "0") return false;
    return std::nullopt;
}

}  // namespace

std::optional<uint32_t> parse_size(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, uint64_t>, 8> kUnits{{{"", 1},
                                                                           {"b", 1},
                                                                           {"k", 1 << 10},
                                                                           {"kb", 1 << 10},
                                                                           {"m", 1 << 20},
                                                                           {"mb", 1 << 20},
                                                                           {"g", 1 << 30},
                                                                           {"gb", 1 << 30}}};
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
    const auto* found =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& each) { return each.first == unit; });
    if (found == kUnits.end() || number > std::numeric_limits<uint32_t>::max() / found->second) return std::nullopt;
    return static_cast<uint32_t>(number * found->second);
}

QueueParameters parse_queue(std::string_view discipline, const std::map<std::string, std::string>& parameters) {
    const Names& known = names_of(discipline);
    QueueParameters queue;
    for (const auto& [name, value] : parameters) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw Error(fmt::format("{} has no parameter '{}'", discipline, name));
        const auto take = [&, &name = name, &value = value](auto& into, auto read, std::string_view example) {
            into = read(value);
            if (!into) throw Error(fmt::format("{}: {}={}: write {}={}", discipline, name, value, name, example));
        };
        if (name == "rate") take(queue.rate_bits_per_second, parse_rate, "1mbit");
        if (name == "burst") take(queue.burst_bytes, parse_size, "10kb");
        if (name == "latency") take(queue.latency, parse_duration, "50ms");
        if (name == "limit") take(queue.limit, parse_size, "100");
        if (name == "flow_limit") take(queue.flow_limit, parse_size, "100");
        if (name == "pacing") take(queue.pacing, parse_switch, "on");
        if (name == "target") take(queue.target, parse_duration, "5ms");
        if (name == "interval") take(queue.interval, parse_duration, "100ms");
        if (name == "ecn") take(queue.ecn, parse_switch, "on");
    }
    if (discipline == "tbf" && queue.rate_bits_per_second.value_or(0) < 8)
        throw Error("tbf needs a rate: write rate=1mbit");
    if (queue.latency && queue.limit) throw Error("tbf: latency and limit say the same");
    return queue;
}

}  // namespace tcpwitness
