#include "report/event_words.hh"

#include <fmt/core.h>

#include "report/outcome_words.hh"

namespace tcpwitness {

EventWords::EventWords(const Plan& plan, const Timeline& timeline) : plan_(plan), timeline_(timeline) {
    ways_ = journeys(timeline);
    numbers_ = number_segments(timeline, ways_);
    for (size_t i = 0; i < ways_.size(); ++i) {
        if (ways_[i].arrived) way_of_[*ways_[i].arrived] = i;
        if (ways_[i].sent && !ways_[i].copy) way_of_[*ways_[i].sent] = i;
    }
}

std::string EventWords::describe(size_t event) const {
    if (event >= timeline_.events.size()) return {};
    const EventBody& body = timeline_.events[event].body;
    if (std::holds_alternative<SegmentSeen>(body)) return segment_words(event);
    return std::visit([this](const auto& each) { return words(each); }, body);
}

std::string EventWords::segment_words(size_t event) const {
    const auto place = way_of_.find(event);
    if (place == way_of_.end()) return words(std::get<SegmentSeen>(timeline_.events[event].body));
    const Journey& way = ways_[place->second];
    const TcpSegment& segment = segment_of(timeline_, way);
    std::string text = fmt::format("{} > {}: {}", sender_of(timeline_, way), receiver_of(timeline_, way),
                                   describe_segment(segment, numbers_[place->second]));
    if (way.forged()) return text + ", forged";
    if (way.corrupted) return text + ", damaged on the way";
    if (way.copy) return text + ", a copy";
    if (way.lost()) return text + ", lost";
    return text + (way.sent == event ? ", sent" : ", arrived");
}

std::string EventWords::words(const SegmentSeen& seen) const {
    return fmt::format("{} > {}: {}", to_string(seen.segment.source), to_string(seen.segment.destination),
                       flags_to_string(seen.segment.flags));
}

std::string EventWords::words(const StepBegan& began) const {
    const PlanStep* step = step_at(began.step);
    return step == nullptr || std::holds_alternative<CallStep>(step->action) ? "" : step_text(*step);
}

std::string EventWords::words(const StepEnded& ended) const {
    const PlanStep* step = step_at(ended.step);
    if (step == nullptr || ended.outcome == StepOutcome::done) return {};
    return fmt::format("{}: {}{}{}", step_text(*step), outcome_words(ended.outcome), ended.observed.empty() ? "" : ": ",
                       ended.observed);
}

std::string EventWords::words(const Call& call) const {
    return fmt::format("{}: {}{}", call.program, call_text(plan_, call), call_result(plan_, call));
}

std::string EventWords::words(const StateChange& change) const {
    const Socket& socket = timeline_.sockets.at(static_cast<size_t>(change.socket));
    std::string text = fmt::format("{} {} -> {}", to_string(socket), to_string(change.from), to_string(change.to));
    if (!change.cause.empty()) text += " (" + change.cause + ")";
    if (change.source == Source::inferred) text += ", inferred";
    return text;
}

std::string EventWords::words(const TimeWaitRestart& restart) const {
    return to_string(timeline_.sockets.at(static_cast<size_t>(restart.socket))) + " TIME_WAIT begins again";
}

std::string EventWords::words(const PacketSeen& packet) const {
    return fmt::format("{}: {}, {}", packet.host, packet.summary,
                       packet.direction == Direction::sent ? "sent" : "arrived");
}

std::string EventWords::words(const FaultFired& fault) const {
    std::string text =
        fmt::format("path: {}, {} {}", fault.action, fault.packets, fault.packets == 1 ? "packet" : "packets");
    const PlanStep* step = step_at(fault.step);
    return step == nullptr ? text : text + " (" + step_text(*step) + ")";
}

std::string EventWords::words(const ProgramStarted& started) const {
    return started.program + " started";
}

std::string EventWords::words(const ProgramExited& exited) const {
    return exit_words(exited);
}

std::string EventWords::words(const ProgramOutput& output) const {
    return output.program + " wrote: " + output.text;
}

std::string EventWords::words(const StoryEnded&) const {
    return "end of the story";
}

std::string EventWords::words(const RecordsLost& lost) const {
    return fmt::format("{} records lost by {}", lost.count, lost.observer);
}

const PlanStep* EventWords::step_at(int step) const {
    const bool known = step >= 0 && static_cast<size_t>(step) < plan_.steps.size();
    return known ? &plan_.steps[static_cast<size_t>(step)] : nullptr;
}

std::string_view kind_of(const Event& event) {
    return std::visit([](const auto& body) { return std::decay_t<decltype(body)>::kKind; }, event.body);
}

}  // namespace tcpwitness
