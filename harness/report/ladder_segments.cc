#include "report/ladder_segments.hh"

#include <fmt/core.h>

#include <map>
#include <utility>

#include "report/relative_numbers.hh"

namespace tcpwitness {
namespace {

using Hosts = std::array<std::string, 2>;

Tone tone_of(uint8_t flags) {
    if ((flags & tcp_flag::kRst) != 0) return Tone::bad;
    if ((flags & tcp_flag::kSyn) != 0) return Tone::syn;
    if ((flags & tcp_flag::kFin) != 0) return Tone::fin;
    return Tone::data;
}

std::string sack_text(const SegmentNumbers& numbers) {
    std::string text;
    for (const auto& [left, right] : numbers.sack)
        text += fmt::format(" sack={}..{}", to_string(left), to_string(right));
    return text;
}

std::string option_text(const TcpSegment& segment) {
    const TcpOptions& options = segment.options;
    std::string text = fmt::format(" win={}", segment.window);
    if (options.mss) text += fmt::format(" mss={}", *options.mss);
    if (options.window_scale) text += fmt::format(" ws={}", *options.window_scale);
    if (options.fast_open_cookie) text += " tfo=" + *options.fast_open_cookie;
    if (!segment.checksum_good) text += " bad checksum";
    return text;
}

// From everything there is to say down to the flags alone.
std::vector<std::string> labels_of(const TcpSegment& segment, const SegmentNumbers& numbers) {
    const std::string base = describe_segment(segment, numbers);
    const std::string sack = sack_text(numbers);
    const std::string connection = numbers.connection.empty() ? "" : numbers.connection + " ";
    const std::string flags = flags_to_string(segment.flags);
    std::vector<std::string> labels{base + sack + option_text(segment), base + sack, base};
    if (numbers.acknowledgment && segment.sequence_length() == 0) {
        labels.push_back(fmt::format("{}{} ack={}", connection, flags, to_string(*numbers.acknowledgment)));
    } else {
        labels.push_back(fmt::format("{}{} seq={}", connection, flags, to_string(numbers.sequence)));
    }
    labels.push_back(connection + flags);
    return labels;
}

LadderArrow::Part part_of(const Timeline& timeline, const Journey& way, bool same_host) {
    if (same_host) return LadderArrow::Part::loop;
    if (way.forged()) return LadderArrow::Part::forged;
    if (way.copy) return LadderArrow::Part::arrives;
    if (way.lost()) return LadderArrow::Part::lost;
    const Duration travelled = timeline.events[*way.arrived].at - timeline.events[*way.sent].at;
    return travelled <= kAtOnce ? LadderArrow::Part::whole : LadderArrow::Part::departs;
}

std::string fate_of(const Journey& way) {
    if (way.forged()) return "forged";
    if (way.copy) return way.corrupted ? "damaged copy" : "copy";
    return way.corrupted ? "damaged" : "";
}

bool same_packet(const TcpSegment& a, const TcpSegment& b) {
    return a.source == b.source && a.destination == b.destination && a.sequence == b.sequence && a.flags == b.flags &&
           a.acknowledgment == b.acknowledgment && a.payload_length == b.payload_length &&
           a.payload_hash == b.payload_hash;
}

class Travels {
  public:
    Travels(const Plan& plan, const Timeline& timeline, const Hosts& hosts)
        : plan_(plan), timeline_(timeline), hosts_(hosts) {}

    std::vector<LadderItem> items() {
        ways_ = journeys(timeline_);
        const std::vector<SegmentNumbers> numbers = number_segments(timeline_, ways_);
        for (size_t i = 0; i < ways_.size(); ++i) add_journey(ways_[i], numbers[i]);
        for (size_t i = 0; i < timeline_.events.size(); ++i) {
            if (const auto* packet = std::get_if<PacketSeen>(&timeline_.events[i].body)) add_packet(i, *packet);
            if (const auto* fault = std::get_if<FaultFired>(&timeline_.events[i].body)) add_fault(i, *fault);
        }
        return std::move(items_);
    }

  private:
    void add_journey(const Journey& way, const SegmentNumbers& numbers) {
        const TcpSegment& segment = segment_of(timeline_, way);
        const std::string sender = sender_of(timeline_, way);
        const std::string receiver = receiver_of(timeline_, way);
        const size_t first = way.sent && !way.copy ? *way.sent : *way.arrived;
        const std::optional<Side> from = side_of(hosts_, sender);
        if (!from || !side_of(hosts_, receiver)) {
            const std::string text = fmt::format("{} > {}: {}", sender.empty() ? to_string(segment.source) : sender,
                                                 receiver.empty() ? to_string(segment.destination) : receiver,
                                                 describe_segment(segment, numbers));
            add(first, LadderNote{{}, text, "", tone_of(segment.flags)});
            return;
        }
        LadderArrow arrow{*from, part_of(timeline_, way, sender == receiver), labels_of(segment, numbers), fate_of(way),
                          tone_of(segment.flags)};
        const bool two_rows = arrow.part == LadderArrow::Part::departs;
        if ((way.lost() && !way.corrupted) || way.forged()) faultable_.emplace_back(items_.size(), &segment);
        add(first, arrow);
        if (two_rows) {
            arrow.part = LadderArrow::Part::arrives;
            add(*way.arrived, std::move(arrow));
        } else if (way.sent && way.arrived && !way.copy) {
            items_.back().events.push_back(*way.arrived);
        }
    }

    // An ICMP error is one arrow when both its sending and its arrival were seen.
    void add_packet(size_t event, const PacketSeen& packet) {
        const std::optional<Side> side = side_of(hosts_, packet.host);
        if (!side) return add(event, LadderNote{{}, packet.host + ": " + packet.summary, "", Tone::warning});
        if (packet.direction == Direction::sent) {
            packets_under_way_[{*side, packet.summary}].push_back(items_.size());
            return add(event, LadderArrow{*side, LadderArrow::Part::departs, {packet.summary}, "", Tone::warning});
        }
        std::vector<size_t>& under_way = packets_under_way_[{other(*side), packet.summary}];
        if (!under_way.empty() && timeline_.events[event].at - items_[under_way.front()].at <= kAtOnce) {
            LadderItem& item = items_[under_way.front()];
            under_way.erase(under_way.begin());
            std::get<LadderArrow>(item.what).part = LadderArrow::Part::whole;
            item.events.push_back(event);
            return;
        }
        add(event, LadderArrow{other(*side), LadderArrow::Part::arrives, {packet.summary}, "", Tone::warning});
    }

    // A fault is shown at the segment that it hit or made, when that was captured; else in a row of its own.
    void add_fault(size_t event, const FaultFired& fault) {
        for (size_t i = 0; fault.segment && i < faultable_.size(); ++i) {
            const auto& [item, segment] = faultable_[i];
            if (!same_packet(*segment, *fault.segment)) continue;
            LadderArrow& arrow = std::get<LadderArrow>(items_[item].what);
            if (arrow.part == LadderArrow::Part::lost) arrow.fate = fault.action;
            items_[item].events.push_back(event);
            faultable_.erase(faultable_.begin() + static_cast<std::ptrdiff_t>(i));
            return;
        }
        std::string text = fmt::format("path: {}", fault.action);
        if (fault.segment)
            return add(event, LadderNote{{}, text + " " + flags_to_string(fault.segment->flags), "", Tone::warning});
        if (fault.packets != 1) text += fmt::format(", {} packets", fault.packets);
        const bool known = fault.step >= 0 && static_cast<size_t>(fault.step) < plan_.steps.size();
        if (known) text += " (" + plan_.steps[static_cast<size_t>(fault.step)].source.text + ")";
        add(event, LadderNote{{}, text, "", Tone::warning});
    }

    template <typename What>
    void add(size_t event, What what) {
        items_.push_back({timeline_.events[event].at, {event}, std::move(what)});
    }

    const Plan& plan_;
    const Timeline& timeline_;
    const Hosts& hosts_;
    std::vector<Journey> ways_;
    std::vector<LadderItem> items_;
    std::vector<std::pair<size_t, const TcpSegment*>> faultable_;  // place in items_, and the segment
    std::map<std::pair<Side, std::string>, std::vector<size_t>> packets_under_way_;
};

}  // namespace

std::optional<Side> side_of(const Hosts& hosts, const std::string& host) {
    if (host == hosts[0]) return Side::left;
    if (host == hosts[1]) return Side::right;
    return std::nullopt;
}

std::vector<LadderItem> travelling_items(const Plan& plan, const Timeline& timeline, const Hosts& hosts) {
    return Travels(plan, timeline, hosts).items();
}

}  // namespace tcpwitness
