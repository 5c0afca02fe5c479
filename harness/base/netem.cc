#include "base/netem.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <sstream>

#include "base/diagnostics.hh"
#include "base/error.hh"
#include "base/time.hh"

namespace tcpwitness {
namespace {

// The words of one key's value, taken one after the other. Its errors name the key and the whole value.
class Words {
  public:
    Words(const std::string& key, const std::string& value) : key_(key), value_(value) {
        std::istringstream stream(value);
        for (std::string word; stream >> word;) words_.push_back(word);
    }

    bool empty() const { return next_ == words_.size(); }
    bool next_is(std::string_view word) const { return !empty() && words_[next_] == word; }
    bool skip(std::string_view word) {
        if (!next_is(word)) return false;
        ++next_;
        return true;
    }

    std::string word(const std::string& meaning) {
        if (empty()) refuse("lacks " + meaning);
        return words_[next_++];
    }
    double percent(const std::string& meaning) {
        return read<double>(meaning, "a percentage such as 20%", parse_netem_percent);
    }
    std::chrono::nanoseconds duration(const std::string& meaning) {
        return read<std::chrono::nanoseconds>(meaning, "a duration such as 10ms", parse_duration);
    }
    uint64_t rate(const std::string& meaning) { return read<uint64_t>(meaning, "a rate such as 1mbit", parse_rate); }
    template <typename Number>
    Number number(const std::string& meaning) {
        return read<Number>(meaning, "a whole number that fits", [](std::string_view text) -> std::optional<Number> {
            Number value{};
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
            return value;
        });
    }

    [[noreturn]] void refuse(const std::string& reason) const {
        throw Error(fmt::format("netem: {}={}: {}", key_, value_, reason));
    }
    void finish() const {
        if (!empty()) refuse(fmt::format("'{}' is too much", words_[next_]));
    }

  private:
    template <typename Result>
    Result read(const std::string& meaning, std::string_view form,
                const std::function<std::optional<Result>(std::string_view)>& parse) {
        const std::string text = word(meaning);
        const std::optional<Result> result = parse(text);
        if (!result) refuse(fmt::format("'{}' is not {} ({})", text, form, meaning));
        return *result;
    }

    std::string key_;
    std::string value_;
    std::vector<std::string> words_;
    size_t next_ = 0;
};

void read_percent_and_correlation(Words& words, double& percent, double& correlation) {
    percent = words.percent("the probability");
    if (!words.empty()) correlation = words.percent("the correlation");
}

void read_jitter(Words& words, NetemSettings& settings) {
    if (settings.jitter != std::chrono::nanoseconds::zero()) words.refuse("there is a jitter already");
    settings.jitter = words.duration("the jitter");
}

void read_delay(Words& words, NetemSettings& settings) {
    settings.delay = words.duration("the delay");
    if (!words.empty()) read_jitter(words, settings);
    if (!words.empty()) settings.delay_correlation_percent = words.percent("the correlation");
}

// Defaults as in tc (q_netem.c): p31 = 1 - p13, p32 = 0, p23 = 1, p14 = 0.
StateLoss read_state_loss(Words& words) {
    StateLoss loss;
    loss.p13_percent = words.percent("p13");
    loss.p31_percent = 100 - loss.p13_percent;
    if (!words.empty()) loss.p31_percent = words.percent("p31");
    if (!words.empty()) loss.p32_percent = words.percent("p32");
    if (!words.empty()) loss.p23_percent = words.percent("p23");
    if (!words.empty()) loss.p14_percent = words.percent("p14");
    return loss;
}

GilbertElliottLoss read_gilbert_elliott_loss(Words& words) {
    GilbertElliottLoss loss;
    loss.p_percent = words.percent("p");
    loss.r_percent = 100 - loss.p_percent;
    if (!words.empty()) loss.r_percent = words.percent("r");
    if (!words.empty()) loss.bad_loss_percent = words.percent("1-h");
    if (!words.empty()) loss.good_loss_percent = words.percent("1-k");
    return loss;
}

void read_loss(Words& words, NetemSettings& settings) {
    if (words.skip("state")) {
        settings.loss = read_state_loss(words);
    } else if (words.skip("gemodel")) {
        settings.loss = read_gilbert_elliott_loss(words);
    } else {
        words.skip("random");
        RandomLoss loss;
        read_percent_and_correlation(words, loss.percent, loss.correlation_percent);
        settings.loss = loss;
    }
}

void read_rate(Words& words, NetemSettings& settings) {
    NetemRate rate;
    rate.rate_bits_per_second = words.rate("the rate");
    if (rate.rate_bits_per_second < 8) words.refuse("the rate is less than a byte per second");
    if (!words.empty()) rate.packet_overhead_bytes = words.number<int32_t>("the packet overhead");
    if (!words.empty()) rate.cell_size_bytes = words.number<uint32_t>("the cell size");
    if (!words.empty()) rate.cell_overhead_bytes = words.number<int32_t>("the cell overhead");
    settings.rate = rate;
}

void read_slot(Words& words, NetemSettings& settings) {
    NetemSlot slot;
    if (words.skip("distribution")) {
        slot.distribution = words.word("the distribution's name");
        slot.delay = words.duration("the delay");
        slot.jitter = words.duration("the jitter");
    } else {
        slot.least = words.duration("the shortest gap");
        slot.most = slot.least;
        if (!words.empty() && !words.next_is("packets") && !words.next_is("bytes"))
            slot.most = words.duration("the longest gap");
        if (slot.most < slot.least) words.refuse("the longest gap is shorter than the shortest");
    }
    while (!words.empty()) {
        if (words.skip("packets"))
            slot.packets = words.number<int32_t>("the packets in a slot");
        else if (words.skip("bytes"))
            slot.bytes = words.number<int32_t>("the bytes in a slot");
        else
            words.refuse("after the gaps come 'packets N' and 'bytes N'");
    }
    settings.slot = slot;
}

bool read_switch(Words& words) {
    if (words.empty()) return true;
    const std::string word = words.word("yes or no");
    if (word == "yes" || word == "on" || word == "true" || word == "1") return true;
    if (word == "no" || word == "off" || word == "false" || word == "0") return false;
    words.refuse(fmt::format("'{}' is neither yes nor no", word));
}

using Reader = void (*)(Words&, NetemSettings&);

constexpr std::array<std::pair<std::string_view, Reader>, 14> kReaders{{
    {"delay", read_delay},
    {"jitter", read_jitter},
    {"correlation",
     [](Words& words, NetemSettings& s) { s.delay_correlation_percent = words.percent("the correlation"); }},
    {"distribution", [](Words& words, NetemSettings& s) { s.distribution = words.word("the distribution's name"); }},
    {"loss", read_loss},
    {"ecn", [](Words& words, NetemSettings& s) { s.ecn = read_switch(words); }},
    {"duplicate",
     [](Words& words, NetemSettings& s) {
         read_percent_and_correlation(words, s.duplicate_percent, s.duplicate_correlation_percent);
     }},
    {"reorder",
     [](Words& words, NetemSettings& s) {
         read_percent_and_correlation(words, s.reorder_percent, s.reorder_correlation_percent);
     }},
    {"gap", [](Words& words, NetemSettings& s) { s.gap = words.number<uint32_t>("the gap"); }},
    {"corrupt",
     [](Words& words, NetemSettings& s) {
         read_percent_and_correlation(words, s.corrupt_percent, s.corrupt_correlation_percent);
     }},
    {"rate", read_rate},
    {"slot", read_slot},
    {"limit", [](Words& words, NetemSettings& s) { s.limit_packets = words.number<uint32_t>("the limit in packets"); }},
    {"seed", [](Words& words, NetemSettings& s) { s.seed = words.number<uint64_t>("the seed"); }},
}};

void require_distribution(const std::string& name) {
    if (name.empty() || name == "uniform" || name == "normal" || name == "pareto" || name == "paretonormal") return;
    throw Error(fmt::format("netem: distribution={}: it is one of uniform, normal, pareto, paretonormal", name));
}

// What netem or tc would refuse or quietly leave out.
void check_together(NetemSettings& settings) {
    using std::chrono::nanoseconds;
    require_distribution(settings.distribution);
    if (settings.slot) require_distribution(settings.slot->distribution);
    if (settings.distribution == "uniform") settings.distribution.clear();
    if (!settings.distribution.empty() && settings.jitter == nanoseconds::zero()) {
        throw Error("netem: distribution: it is the jitter's, and there is no jitter");
    }
    if (settings.delay_correlation_percent > 0 && settings.jitter == nanoseconds::zero()) {
        throw Error("netem: correlation: it is the jitter's, and there is no jitter");
    }
    if (settings.reorder_percent > 0 && settings.delay == nanoseconds::zero()) {
        throw Error("netem: reorder: packets are reordered by sending them before those that wait: it needs a delay");
    }
    if (settings.gap > 0 && settings.reorder_percent == 0) throw Error("netem: gap: it needs reorder");
    const auto* random = std::get_if<RandomLoss>(&settings.loss);
    if (settings.ecn && random != nullptr && random->percent == 0) throw Error("netem: ecn: it needs loss");
    if (settings.limit_packets == 0) throw Error("netem: limit=0: no packet would pass");
}

}  // namespace

void read_netem_parameter(const std::string& key, const std::string& value, NetemSettings& settings) {
    const auto reader =
        std::find_if(kReaders.begin(), kReaders.end(), [&](const auto& entry) { return entry.first == key; });
    if (reader == kReaders.end()) {
        const std::string near = nearest_word(key, netem_keys());
        throw Error(
            fmt::format("netem: unknown key '{}'{}", key, near.empty() ? "" : ", did you mean '" + near + "'?"));
    }
    Words words(key, value);
    reader->second(words, settings);
    words.finish();
}

NetemSettings parse_netem(const std::vector<std::pair<std::string, std::string>>& parameters) {
    NetemSettings settings;
    std::vector<std::string> seen;
    for (const auto& [key, value] : parameters) {
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            throw Error(fmt::format("netem: {} is given twice", key));
        seen.push_back(key);
        read_netem_parameter(key, value, settings);
    }
    check_together(settings);
    return settings;
}

std::vector<std::string> netem_keys() {
    std::vector<std::string> keys;
    for (const auto& [key, reader] : kReaders) keys.emplace_back(key);
    return keys;
}

std::optional<double> parse_netem_percent(std::string_view text) {
    if (!text.ends_with('%')) return std::nullopt;
    text.remove_suffix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= 100)) return std::nullopt;
    return value;
}

std::optional<uint64_t> parse_rate(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !(number >= 0)) return std::nullopt;
    std::string unit(end, static_cast<size_t>(text.data() + text.size() - end));
    for (char& letter : unit) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    double bits = 1;
    if (unit.ends_with("bps"))
        bits = 8;
    else if (!unit.empty() && !unit.ends_with("bit"))
        return std::nullopt;
    if (!unit.empty()) unit.resize(unit.size() - 3);
    constexpr std::string_view kPrefixes = "kmgt";
    if (!unit.empty()) {
        const size_t power = kPrefixes.find(unit.front());
        if (power == std::string_view::npos || unit.size() > 2 || (unit.size() == 2 && unit[1] != 'i'))
            return std::nullopt;
        bits *= std::pow(unit.size() == 2 ? 1024.0 : 1000.0, static_cast<double>(power + 1));
    }
    if (number * bits > 8e18) return std::nullopt;
    return static_cast<uint64_t>(std::llround(number * bits));
}

}  // namespace tcpwitness
