// One sentence about an event, for reports that list events without drawing them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.hh"
#include "report/relative_numbers.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

// Reads the timeline once; both must outlive it.
class EventWords {
  public:
    EventWords(const Plan& plan, const Timeline& timeline);

    // "client > server: FIN ACK seq=1 ack=1, lost", "client c FIN_WAIT_1 -> FIN_WAIT_2". Empty for events that say
    // nothing by themselves: the beginning of a call's step, for one.
    std::string describe(size_t event) const;

  private:
    std::string words(const StepBegan& began) const;
    std::string words(const StepEnded& ended) const;
    std::string words(const Call& call) const;
    std::string words(const StateChange& change) const;
    std::string words(const TimeWaitRestart& restart) const;
    std::string words(const PacketSeen& packet) const;
    std::string words(const FaultFired& fault) const;
    std::string words(const ProgramStarted& started) const;
    std::string words(const ProgramExited& exited) const;
    std::string words(const ProgramOutput& output) const;
    std::string words(const StoryEnded&) const;
    std::string words(const RecordsLost& lost) const;
    std::string words(const SegmentSeen& seen) const;
    std::string segment_words(size_t event) const;
    const PlanStep* step_at(int step) const;

    const Plan& plan_;
    const Timeline& timeline_;
    std::vector<Journey> ways_;
    std::vector<SegmentNumbers> numbers_;
    std::map<size_t, size_t> way_of_;  // event -> place in ways_
};

// The kind of an event as in the JSON form of a Timeline: "segment", "state", ...
std::string_view kind_of(const Event& event);

}  // namespace tcpwitness
