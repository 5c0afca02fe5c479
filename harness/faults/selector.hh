// Selectors at work: whether a passing segment is meant, and in words why none was. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/path_trick.hh"
#include "faults/passing.hh"

namespace tcpwitness {

// A NumberTest whose variables were replaced by what they stood for when the step was performed.
struct SettledNumber {
    Relation relation = Relation::equal;
    bool absolute = false;  // else relative to the initial number
    int64_t number = 0;

    bool holds(uint32_t absolute_number, std::optional<int64_t> relative_number) const;
};

// A selector that watches: it counts what it sees, so that it can tell why it chose nothing.
class Selection {
  public:
    Selection(SegmentSelector selector, std::optional<SettledNumber> sequence,
              std::optional<SettledNumber> acknowledgment);

    // Whether this segment is one of those that are meant. To be asked of every segment that passes, once.
    bool takes(const PassingSegment& passing);

    int64_t hits() const { return hits_; }
    // It takes nothing more.
    bool exhausted() const { return selector_.count && hits_ >= *selector_.count; }
    // Why it has not taken as many as it should; empty when it has: "7 segments passed from client to server, none had
    // FIN: 5 ACK, 1 PSH ACK, 1 SYN".
    std::string shortfall() const;

  private:
    bool meets_all_but_flags(const PassingSegment& passing);

    SegmentSelector selector_;
    std::optional<SettledNumber> sequence_;
    std::optional<SettledNumber> acknowledgment_;
    int64_t passed_ = 0;
    int64_t had_flags_ = 0;
    int64_t matched_ = 0;
    int64_t hits_ = 0;
    std::map<std::string, int64_t> flags_seen_;
    std::map<std::string, int64_t> refused_for_;  // of those with the right flags, by what they lacked
};

}  // namespace tcpwitness
