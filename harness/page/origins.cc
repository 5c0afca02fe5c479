#include "page/origins.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "report/ladder_items.hh"
#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

// Something that a step did on a host, from its beginning to its end.
struct Deed {
    size_t event = 0;
    std::string host;
    Instant began{};
    Instant ended{};
    std::string words;
};

// Up to where a host has received from one address at another.
using Number = std::tuple<std::string, SocketAddress, SocketAddress, uint32_t>;

class Tracing {
  public:
    Tracing(const Plan& plan, const Timeline& timeline)
        : plan_(plan), timeline_(timeline), origins_(timeline.events.size()), ways_(journeys(timeline)) {
        for (const Journey& way : ways_) {
            if (way.arrived && way.sent && !way.corrupted) sending_of_[*way.arrived] = *way.sent;
        }
        for (size_t event = 0; event < timeline.events.size(); ++event) {
            std::visit([&](const auto& body) { note(event, body); }, timeline.events[event].body);
        }
    }

    std::vector<Origin> origins() {
        for (size_t event = 0; event < timeline_.events.size(); ++event) {
            std::visit([&](const auto& body) { trace(event, body); }, timeline_.events[event].body);
        }
        for (size_t event = 0; event < origins_.size(); ++event) origins_[event].step = step_of(event);
        return std::move(origins_);
    }

  private:
    template <typename Body>
    void note(size_t, const Body&) {}

    void note(size_t event, const Call& call) {
        const Instant began = timeline_.events[event].at;
        deeds_.push_back({event, host_of(call.program), began, call.ended.value_or(began), call.text});
        origins_[event].step = call.step;
    }
    void note(size_t event, const StepBegan& began) {
        origins_[event].step = began.step;
        if (began.step < 0 || static_cast<size_t>(began.step) >= plan_.steps.size()) return;
        const PlanStep& step = plan_.steps[static_cast<size_t>(began.step)];
        const auto* signal = std::get_if<SignalStep>(&step.action);
        if (signal == nullptr) return;
        const Instant at = timeline_.events[event].at;
        deeds_.push_back({event, host_of(signal->program), at, at, step_text(step)});
    }
    void note(size_t event, const StepEnded& ended) { origins_[event].step = ended.step; }
    void note(size_t event, const FaultFired& fault) { origins_[event].step = fault.step; }
    void note(size_t event, const SegmentSeen& seen) {
        if (seen.direction == Direction::arrived) arrivals_.push_back(event);
    }

    template <typename Body>
    void trace(size_t, const Body&) {}

    void trace(size_t event, const StateChange& change) { trace_socket(event, change.socket); }
    void trace(size_t event, const TimeWaitRestart& restart) { trace_socket(event, restart.socket); }

    void trace_socket(size_t event, int index) {
        const Socket& socket = timeline_.sockets.at(static_cast<size_t>(index));
        const std::optional<size_t> arrival =
            socket.remote ? latest_arrival(event, socket.host, socket.local, *socket.remote) : std::nullopt;
        take_latest(event, latest_deed(event, socket.host), arrival);
    }

    void trace(size_t event, const SegmentSeen& seen) {
        const TcpSegment& segment = seen.segment;
        if (seen.direction == Direction::arrived) {
            const auto sending = sending_of_.find(event);
            if (sending != sending_of_.end()) set(event, sending->second, "");
            const uint32_t end = segment.sequence + segment.sequence_length();
            if (segment.sequence_length() > 0)
                arrival_up_to_[{seen.host, segment.source, segment.destination, end}] = event;
            return;
        }
        const Deed* deed = latest_deed(event, seen.host);
        const std::optional<size_t> acknowledged = first_acknowledged(seen);
        // A program's FIN and data acknowledge by the way; a SYN ACK and a bare ACK are answers.
        const bool of_program = segment.sequence_length() > 0 && !segment.has(tcp_flag::kSyn) && deed != nullptr;
        if (acknowledged && !of_program) return set(event, *acknowledged, "acknowledges " + flags_of(*acknowledged));
        take_latest(event, deed, latest_arrival(event, seen.host, segment.source, segment.destination));
    }

    void set(size_t event, size_t after, std::string how) {
        origins_[event].after = after;
        origins_[event].how = std::move(how);
    }

    void take_latest(size_t event, const Deed* deed, std::optional<size_t> arrival) {
        if (arrival && (deed == nullptr || at(*arrival) >= deed->began)) {
            set(event, *arrival,
                fmt::format("{} after {} arrived", format_duration(at(event) - at(*arrival)), flags_of(*arrival)));
        } else if (deed != nullptr) {
            set(event, deed->event, "during " + deed->words);
        }
    }

    // What was going on on the host, or had begun at once before.
    const Deed* latest_deed(size_t event, const std::string& host) const {
        const Deed* latest = nullptr;
        for (const Deed& deed : deeds_) {
            const bool just_begun = at(event) - deed.began <= kAtOnce;
            const bool goes_on = at(event) <= deed.ended && deed.ended - deed.began <= kLongestDeed;
            if (deed.host != host || deed.began > at(event) || !(just_begun || goes_on)) continue;
            if (latest == nullptr || deed.began >= latest->began) latest = &deed;
        }
        return latest;
    }

    // The last segment from `remote` to `local` that arrived at the host just before the event.
    std::optional<size_t> latest_arrival(size_t event, const std::string& host, const SocketAddress& local,
                                         const SocketAddress& remote) const {
        const auto later = std::upper_bound(arrivals_.begin(), arrivals_.end(), at(event),
                                            [this](Instant moment, size_t arrival) { return moment < at(arrival); });
        for (auto arrival = later; arrival != arrivals_.begin();) {
            const SegmentSeen& seen = segment(*--arrival);
            if (at(event) - at(*arrival) > kAtOnce) break;
            const bool its = seen.host == host && seen.segment.source == remote && seen.segment.destination == local;
            if (its) return *arrival;
        }
        return std::nullopt;
    }

    // The segment that `event` is the first to acknowledge, by the numbers of both.
    std::optional<size_t> first_acknowledged(const SegmentSeen& sent) {
        const TcpSegment& segment = sent.segment;
        if (!segment.has(tcp_flag::kAck)) return std::nullopt;
        const Number number{sent.host, segment.destination, segment.source, segment.acknowledgment};
        if (!acknowledged_.insert(number).second) return std::nullopt;
        const auto arrival = arrival_up_to_.find(number);
        return arrival == arrival_up_to_.end() ? std::nullopt : std::optional(arrival->second);
    }

    std::optional<int> step_of(size_t event) const {
        std::optional<size_t> at = event;
        for (size_t links = 0; at && links <= origins_.size(); ++links) {
            if (origins_[*at].step) return origins_[*at].step;
            at = origins_[*at].after;
        }
        return std::nullopt;
    }

    Instant at(size_t event) const { return timeline_.events[event].at; }
    const SegmentSeen& segment(size_t event) const { return std::get<SegmentSeen>(timeline_.events[event].body); }
    std::string flags_of(size_t event) const { return flags_to_string(segment(event).segment.flags); }

    std::string host_of(const std::string& program) const {
        for (const PlanProgram& each : plan_.programs) {
            if (each.name == program) return each.host;
        }
        return program;
    }

    // A call that takes longer waits; what happens while it waits need not come of it.
    static constexpr Duration kLongestDeed = std::chrono::milliseconds(10);

    const Plan& plan_;
    const Timeline& timeline_;
    std::vector<Origin> origins_;
    std::vector<Journey> ways_;
    std::map<size_t, size_t> sending_of_;  // arrival -> sending
    std::vector<Deed> deeds_;
    std::vector<size_t> arrivals_;
    std::set<Number> acknowledged_;
    std::map<Number, size_t> arrival_up_to_;  // the latest arrival that ends at a number
};

}  // namespace

std::vector<Origin> origins_of(const Plan& plan, const Timeline& timeline) {
    return Tracing(plan, timeline).origins();
}

}  // namespace tcpwitness
