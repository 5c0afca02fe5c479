#include "verdict/wire_list.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

namespace tcpwitness {
namespace {

// One direction of one connection.
using Flow = std::pair<SocketAddress, SocketAddress>;

// Keeps what the numbers of each direction count from.
class Bases {
  public:
    // To be asked in the order of sending.
    void number(WireSegment& wire) {
        const TcpSegment& segment = *wire.segment;
        const Flow forth{segment.source, segment.destination};
        const Flow back{segment.destination, segment.source};
        const bool syn = segment.has(tcp_flag::kSyn);
        auto [own, fresh] = bases_.try_emplace(forth, NumberBase{segment.sequence, syn});
        // A SYN with another number begins a new connection of the same addresses; a forged one may be refused.
        const bool another = syn && own->second.number != segment.sequence && !wire.forged();
        if (!fresh && (another || (syn && !own->second.from_syn))) own->second = {segment.sequence, true};
        wire.sequence_base = own->second;
        if (!segment.has(tcp_flag::kAck)) return;
        wire.acknowledgment_base = bases_.try_emplace(back, NumberBase{segment.acknowledgment, false}).first->second;
    }

  private:
    std::map<Flow, NumberBase> bases_;
};

// Tells lost segments from those that may have been on their way when the watching ended.
class Fates {
  public:
    explicit Fates(const Story& story) : story_(story) {
        if (!story.timeline.events.empty()) watched_until_ = story.timeline.events.back().at;
        for (const Journey& journey : story.journeys) {
            if (!journey.sent || !journey.arrived || journey.lost()) continue;
            const Duration flight = story.time_of(*journey.arrived) - story.time_of(*journey.sent);
            slowest_ = std::max(slowest_.value_or(flight), flight);
        }
        for (size_t i = 0; i < story.timeline.events.size(); ++i) {
            const auto* fault = story.event<FaultFired>(i);
            if (fault == nullptr || (fault->action != "drop" && fault->action != "blackhole")) continue;
            drops_.push_back({story.time_of(i), direction_of(*fault)});
        }
    }

    Fate of(const Journey& journey, const WireSegment& segment) const {
        constexpr Duration kScheduling = std::chrono::milliseconds(20);  // arrivals are stamped late on a busy machine
        constexpr Duration kNothingKnown = std::chrono::seconds(1);
        if (!journey.lost()) return Fate::arrived;
        if (journey.corrupted || was_dropped(segment)) return Fate::lost;
        const Duration flight = slowest_ ? 2 * *slowest_ + kScheduling : kNothingKnown;
        return segment.at + flight < watched_until_ ? Fate::lost : Fate::unknown;
    }

  private:
    // A drop that fired, and the direction that it works in as the case spells it; empty when not known.
    struct Drop {
        Instant told;
        std::string direction;
    };

    std::string direction_of(const FaultFired& fault) const {
        const auto step = static_cast<size_t>(fault.step);
        if (fault.step < 0 || step >= story_.plan.steps.size()) return {};
        const auto* path = std::get_if<PathStep>(&story_.plan.steps[step].action);
        return path == nullptr || path->arguments.empty() ? std::string() : path->arguments.front();
    }

    bool was_dropped(const WireSegment& segment) const {
        const std::string direction = segment.from + " > " + segment.to;
        return std::any_of(drops_.begin(), drops_.end(), [&](const Drop& drop) {
            const bool this_way = drop.direction.find('>') == std::string::npos || drop.direction == direction;
            return this_way && segment.at <= drop.told;
        });
    }

    const Story& story_;
    Instant watched_until_{};
    std::optional<Duration> slowest_;  // flight of those that arrived
    std::vector<Drop> drops_;
};

std::set<std::pair<std::string, std::string>> pairs_in(const std::vector<WirePattern>& wire) {
    std::set<std::pair<std::string, std::string>> pairs;
    for (const WirePattern& line : wire) {
        if (!line.gap) pairs.insert(std::minmax(line.from, line.to));
    }
    return pairs;
}

// "mss=1460", "ts", "no ts"
std::string option_text(const std::string& name, const std::string& value) {
    if (value == "no") return "no " + name;
    return value.empty() ? name : name + "=" + value;
}

std::string fate_text(const WireSegment& segment) {
    if (segment.forged()) return " forged";
    return segment.fate == Fate::lost ? " lost" : "";
}

}  // namespace

int64_t readable(uint32_t relative) {
    constexpr uint32_t kBeforeTheBase = 0xffff0000;
    return relative >= kBeforeTheBase ? static_cast<int64_t>(static_cast<int32_t>(relative)) : int64_t{relative};
}

std::vector<WireSegment> wire_segments(const Story& story, const std::vector<WirePattern>& wire) {
    const auto pairs = pairs_in(wire);
    const Fates fates(story);
    Bases bases;
    std::vector<WireSegment> segments;
    for (const Journey& journey : story.journeys) {
        if (journey.copy) continue;
        WireSegment segment{.segment = &segment_of(story.timeline, journey), .journey = &journey};
        segment.from = sender_of(story.timeline, journey);
        segment.to = receiver_of(story.timeline, journey);
        if (!pairs.empty() && pairs.count(std::minmax(segment.from, segment.to)) == 0) continue;
        segment.at = story.time_of(journey);
        segment.fate = fates.of(journey, segment);
        bases.number(segment);
        segments.push_back(std::move(segment));
    }
    return segments;
}

void WireText::add(const std::string& field, const std::string& part) {
    if (!text.empty()) text += ' ';
    fields.emplace_back(field, text.size());
    text += part;
}

size_t WireText::offset(const std::string& field) const {
    for (const auto& [name, offset] : fields) {
        if (name == field) return offset;
    }
    return text.size();
}

WireText spell(const WirePattern& line) {
    WireText text;
    if (line.gap) {
        text.add("gap", "...");
        return text;
    }
    text.add("hosts", fmt::format("{} > {}:", line.from, line.to));
    if (line.flags != 0) text.add("flags", flags_text(line.flags));
    if (line.sequence) text.add("seq", "seq=" + to_string(*line.sequence));
    if (line.acknowledgment) text.add("ack", "ack=" + to_string(*line.acknowledgment));
    if (line.length) text.add("len", "len=" + to_string(*line.length));
    if (line.window) {
        std::string comparison = to_string(*line.window);
        comparison.erase(std::remove(comparison.begin(), comparison.end(), ' '), comparison.end());
        text.add("win", (line.window->relation == Relation::equal ? "win=" : "win") + comparison);
    }
    for (const auto& [name, value] : line.options) text.add(name, option_text(name, value));
    if (line.lost) text.add("fate", "lost");
    if (line.forged) text.add("fate", "forged");
    if (line.optional) text.add("optional", "?");
    return text;
}

WireText spell(const WireSegment& wire, const WirePattern& line) {
    constexpr uint8_t kOnlyIfNamed = tcp_flag::kPsh | tcp_flag::kEce | tcp_flag::kCwr;
    const TcpSegment& segment = *wire.segment;
    WireText text;
    text.add("hosts", fmt::format("{} > {}:", wire.from, wire.to));
    const auto flags = static_cast<uint8_t>(segment.flags & (~kOnlyIfNamed | line.flags));
    if (flags != 0) text.add("flags", flags_text(flags));
    text.add("seq", fmt::format("seq={}", wire.relative_sequence()));
    if (segment.has(tcp_flag::kAck)) text.add("ack", fmt::format("ack={}", wire.relative_acknowledgment()));
    if (segment.payload_length != 0 || line.length) text.add("len", fmt::format("len={}", segment.payload_length));
    if (line.window) text.add("win", fmt::format("win={}", segment.window));
    for (const auto& [name, wanted] : line.options) {
        bool known = false;
        const auto value = option_value(segment.options, name, known);
        text.add(name, option_text(name, value.value_or("no")));
    }
    const std::string fate = fate_text(wire);
    if (!fate.empty()) text.add("fate", fate.substr(1));
    return text;
}

namespace {

using OptionReader = std::optional<std::string> (*)(const TcpOptions&);

std::optional<std::string> present(bool is) {
    return is ? std::optional<std::string>("") : std::nullopt;
}

template <typename Number>
std::optional<std::string> number_text(const std::optional<Number>& number) {
    return number ? std::optional<std::string>(fmt::format("{}", *number)) : std::nullopt;
}

}  // namespace

std::optional<std::string> option_value(const TcpOptions& options, const std::string& name, bool& known) {
    static const std::map<std::string, OptionReader> kReaders = {
        {"mss", [](const TcpOptions& o) { return number_text(o.mss); }},
        {"wscale", [](const TcpOptions& o) { return number_text(o.window_scale); }},
        {"sackok", [](const TcpOptions& o) { return present(o.sack_permitted); }},
        {"sack", [](const TcpOptions& o) { return present(!o.sack.empty()); }},
        {"ts", [](const TcpOptions& o) { return present(o.timestamps.has_value()); }},
        {"fo", [](const TcpOptions& o) { return o.fast_open_cookie; }},
    };
    const auto found = kReaders.find(name);
    known = found != kReaders.end();
    return known ? found->second(options) : std::nullopt;
}

}  // namespace tcpwitness
