// Story: a Plan and a Timeline with what every matcher asks of them, looked up once. Only verdict/ uses it.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hh"
#include "timeline/timeline.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {

struct Story {
    const Plan& plan;
    const Timeline& timeline;
    size_t length = 0;  // how many of Timeline::events belong to it
    Instant end{};
    std::vector<Journey> journeys;  // that began in the story; a later arrival counts

    Story(const Plan& its_plan, const Timeline& its_timeline);

    // The event at `index` when it is of that kind, else nothing.
    template <typename Body>
    const Body* event(size_t index) const {
        return std::get_if<Body>(&timeline.events[index].body);
    }
    Instant time_of(size_t index) const { return timeline.events[index].at; }
    Instant time_of(const Journey& journey) const { return time_of(journey.sent ? *journey.sent : *journey.arrived); }
};

// The sockets that a reference means, by their index. More than one when a name was given again, or a port has several;
// an expectation then holds when it holds for any of them.
std::vector<int> sockets_meant(const Story& story, const SocketReference& reference);

// Whether both are the same segment seen in the same direction of the same connection.
bool from_host_to_host(const Story& story, const Journey& journey, const std::string& from, const std::string& to);

// Whether a segment has these flags: SYN FIN RST ACK URG exactly, PSH ECE CWR only when named.
bool flags_match(uint8_t expected, uint8_t observed);

// "SYN ACK"; "" for none.
std::string flags_text(uint8_t flags);

// A finding that does not hold.
Finding failed(std::string kind, SourceLine source, std::string message);

// "1 time", "2 times".
std::string counted(int64_t count, std::string_view noun);

// "exactly 3s", "150ms..2s", "at least 1s", for messages.
std::string range_text(const DurationRange& range);

// How long something lasted, against a range, when it was still going on at the end of the story.
enum class Lasting : uint8_t { fits, wrong, not_ended };
Lasting judge_duration(const DurationRange& range, Duration lasted, bool ended);

}  // namespace tcpwitness
