#include "report/live_lines.hh"

#include <fmt/core.h>

#include "report/event_words.hh"
#include "report/ladder.hh"
#include "report/relative_numbers.hh"

namespace tcpwitness {
namespace {

Tone tone_of(const EventBody& body) {
    if (std::holds_alternative<StateChange>(body) || std::holds_alternative<TimeWaitRestart>(body)) return Tone::state;
    if (std::holds_alternative<FaultFired>(body) || std::holds_alternative<PacketSeen>(body)) return Tone::warning;
    if (std::holds_alternative<RecordsLost>(body)) return Tone::bad;
    if (const auto* ended = std::get_if<StepEnded>(&body))
        return ended->outcome == StepOutcome::done ? Tone::dim : Tone::bad;
    const auto* seen = std::get_if<SegmentSeen>(&body);
    if (seen == nullptr) return Tone::plain;
    if (seen->direction == Direction::arrived) return Tone::dim;
    if (seen->segment.has(tcp_flag::kRst)) return Tone::bad;
    if (seen->segment.has(tcp_flag::kSyn)) return Tone::syn;
    return seen->segment.has(tcp_flag::kFin) ? Tone::fin : Tone::data;
}

// The host that has the address; the address itself when none has.
std::string host_at(const Plan& plan, const SocketAddress& address) {
    for (const PlanLink& link : plan.network.links) {
        for (const PlanInterface* interface : {&link.a, &link.b}) {
            for (const InterfaceAddress& own : interface->addresses) {
                if (own.ip == address.ip) return interface->host;
            }
        }
    }
    return to_string(address);
}

}  // namespace

LiveLines::LiveLines(const Style& style, Sink sink) : style_(style), sink_(std::move(sink)) {}

void LiveLines::run_began(const RunBegan& began) {
    several_ = began.total > 1;
}

void LiveLines::seen(const Plan& plan, const Timeline& seen) {
    if (seen.events.empty()) return;
    const auto [told, is_new] = told_.try_emplace(plan.id);
    if (is_new) told->second.number = ++begun_;
    const Event& event = seen.events.front();
    const std::string text = words(plan, seen);
    if (text.empty()) return;
    constexpr int kTimeWidth = 12, kNameWidth = 24;
    Line line(style_);
    int column = 0;
    if (several_) {
        line.put(column, fit_left(fmt::format("{} {}", told->second.number, display_name(plan)), kNameWidth, style_.utf8), Tone::dim);
        column += kNameWidth + 1;
    }
    const double at = std::chrono::duration<double>(event.at).count();
    line.put(column, fit_right(fmt::format("{:.6f}", at), kTimeWidth - 2), Tone::dim);
    line.put(column + kTimeWidth, fit(text, style_.width - column - kTimeWidth, style_.utf8), tone_of(event.body));
    sink_(line.text());
}

std::string LiveLines::words(const Plan& plan, const Timeline& seen) {
    const EventBody& body = seen.events.front().body;
    const auto* exited = std::get_if<ProgramExited>(&body);
    if (exited != nullptr && exited->by_harness) return {};
    if (const auto* segment = std::get_if<SegmentSeen>(&body)) return segment_words(plan, *segment);
    return EventWords(plan, seen).describe(0);
}

std::string LiveLines::segment_words(const Plan& plan, const SegmentSeen& seen) {
    auto& initial = told_[plan.id].initial;
    const TcpSegment& segment = seen.segment;
    if (segment.has(tcp_flag::kSyn)) initial[segment.source] = segment.sequence;
    const auto relative = [&initial](const SocketAddress& end, uint32_t number) {
        const auto first = initial.find(end);
        return first == initial.end() ? RelativeNumber{number, true}
                                      : RelativeNumber{static_cast<int32_t>(number - first->second), false};
    };
    SegmentNumbers numbers;
    numbers.sequence = relative(segment.source, segment.sequence);
    if (segment.has(tcp_flag::kAck)) numbers.acknowledgment = relative(segment.destination, segment.acknowledgment);
    return fmt::format("{} > {}: {}, {}", host_at(plan, segment.source), host_at(plan, segment.destination),
                       describe_segment(segment, numbers), seen.direction == Direction::sent ? "sent" : "arrived");
}

void LiveLines::case_ended(const Record& record) {
    const bool live = told_.erase(record.plan.id) > 0;
    if (!live && !record.timeline.events.empty()) sink_(ladder(record.plan, record.timeline, style_) + "\n");
}

}  // namespace tcpwitness
