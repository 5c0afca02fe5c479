// Settings of the netem qdisc (network emulator: delay, loss, duplication, reordering, corruption, rate) as a plain
// value, and the reading of tc's spellings. qdisc.hh puts them on an interface.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tcpwitness {

// All probabilities and correlations are percentages, 0 to 100.

struct RandomLoss {
    double percent = 0;
    double correlation_percent = 0;
};

// The 4-state Markov model ("General and Intuitive"): 1 received, 2 received within a burst, 3 lost within a burst,
// 4 lost alone. pXY is the chance to go from state X to state Y.
struct StateLoss {
    double p13_percent = 0;
    double p31_percent = 100;
    double p32_percent = 0;
    double p23_percent = 100;
    double p14_percent = 0;
};

// Gilbert-Elliott, as tc takes it: p good to bad, r bad to good, loss in the bad state (1-h), loss in the good one
// (1-k).
struct GilbertElliottLoss {
    double p_percent = 0;
    double r_percent = 100;
    double bad_loss_percent = 100;
    double good_loss_percent = 0;
};

struct NetemRate {
    uint64_t rate_bits_per_second = 0;
    int32_t packet_overhead_bytes = 0;
    uint32_t cell_size_bytes = 0;
    int32_t cell_overhead_bytes = 0;
};

// Packets leave in slots: a gap between `least` and `most` (or drawn from a distribution around `delay`), then at most
// so many packets and bytes; 0: no such limit.
struct NetemSlot {
    std::chrono::nanoseconds least{};
    std::chrono::nanoseconds most{};
    std::string distribution;  // not empty: `delay` and `jitter` in place of `least` and `most`
    std::chrono::nanoseconds delay{};
    std::chrono::nanoseconds jitter{};
    int32_t packets = 0;
    int32_t bytes = 0;
};

struct NetemSettings {
    std::chrono::nanoseconds delay{};
    std::chrono::nanoseconds jitter{};
    double delay_correlation_percent = 0;
    std::string distribution;  // of the jitter: empty for uniform, else normal, pareto, paretonormal
    std::variant<RandomLoss, StateLoss, GilbertElliottLoss> loss;
    bool ecn = false;  // marks instead of losing, where the packet allows it
    double duplicate_percent = 0;
    double duplicate_correlation_percent = 0;
    double reorder_percent = 0;  // of the packets, sent at once while the others wait for `delay`
    double reorder_correlation_percent = 0;
    uint32_t gap = 0;  // only every gap-th packet may be reordered
    double corrupt_percent = 0;
    double corrupt_correlation_percent = 0;
    std::optional<NetemRate> rate;
    std::optional<NetemSlot> slot;
    uint32_t limit_packets = 1000;
    std::optional<uint64_t> seed;  // of netem's random numbers; since Linux 6.6
};

// Reads keys and values as tc spells them: {"delay", "100ms"}, {"delay", "100ms 10ms 25%"}, {"jitter", "5ms"},
// {"loss", "20%"}, {"loss", "gemodel 1% 10% 70% 0.1%"}, {"rate", "1mbit"}, {"slot", "20ms 40ms packets 3"}, ... in full
// in cases/README.md. Throws Error naming the key, the value and what would be right.
NetemSettings parse_netem(const std::vector<std::pair<std::string, std::string>>& parameters);

// One of them, into `settings`: right by itself, whatever the others say. Throws as parse_netem.
void read_netem_parameter(const std::string& key, const std::string& value, NetemSettings& settings);

// The words that parse_netem knows as keys.
std::vector<std::string> netem_keys();

// "20%", "0.1%" as 20 and 0.1; nothing when it is no percentage from 0% to 100%.
std::optional<double> parse_netem_percent(std::string_view text);
// tc's rates: "1mbit", "64kbit", "10kibit", "1gbit" in bits, "125kbps" in bytes; a bare number is bits. In bits per
// second.
std::optional<uint64_t> parse_rate(std::string_view text);

}  // namespace tcpwitness
