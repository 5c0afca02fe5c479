// Fits a wire pattern to the segments of a story: gaps, optional lines and variables make more than one way possible.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "verdict/wire_expression.hh"
#include "verdict/wire_list.hh"

namespace tcpwitness {

// Why a segment is not the one that a line describes.
enum class WireField : uint8_t { none, hosts, flags, forged, fate, option, window, sequence, acknowledgment, length };

// A WirePattern with its expressions compiled.
struct CompiledLine {
    const WirePattern* pattern = nullptr;
    std::optional<CompiledExpression> sequence;
    std::optional<CompiledExpression> acknowledgment;
    std::optional<CompiledExpression> length;
    std::vector<bool> used_from_here;  // by variable: this line or a later one uses it
};

// What does not depend on variables. `option` gets the name of the option that differs.
WireField compare_fixed(const WirePattern& line, const WireSegment& segment, std::string* option = nullptr);

// The rest: seq, ack and len. Binds variables; `too_open` tells that a field has too many without a value.
WireField compare_numbers(const CompiledLine& line, size_t number, const WireSegment& segment, Bindings& bindings,
                          bool& too_open);

// Where the best way through the pattern came to its end.
struct WireStop {
    size_t line = 0;         // index of the line that found nothing; their number: the pattern was at its end
    size_t segment = 0;      // index of the segment that did not fit; their number: there were no more
    bool after_gap = false;  // the line was looked for among all segments that followed
    Bindings bindings;
};

struct WireResult {
    bool fits = false;
    bool gave_up = false;  // too many ways were possible
    WireStop stop;
    std::vector<size_t> matched;  // the segments that fit, when it fits
};

class WireSearch {
  public:
    WireSearch(const std::vector<WirePattern>& wire, const std::vector<WireSegment>& segments);
    WireResult run();

    const std::vector<CompiledLine>& lines() const { return lines_; }
    const Variables& variables() const { return variables_; }

  private:
    // A place on a way: the next line, the next segment, what the variables are.
    struct Place {
        size_t line = 0;
        size_t segment = 0;
        size_t environment = 0;    // index into environments_
        size_t matched_lines = 0;  // lines that took a segment so far
        bool floating = false;     // any number of segments may be passed over first
        bool must_match = false;   // reached by passing over: this line takes this segment
        size_t trail = 0;          // index into trail_
    };

    // What makes two places the same.
    struct Visit {
        size_t line_and_mode = 0;
        size_t segment = 0;
        size_t environment = 0;
        bool operator==(const Visit&) const = default;
    };
    struct VisitHash {
        size_t operator()(const Visit& visit) const {
            const size_t hash = (visit.segment * 0x9e3779b97f4a7c15 + visit.environment) * 0x9e3779b97f4a7c15;
            return hash ^ hash >> 31 ^ visit.line_and_mode << 7;
        }
    };

    void compile(const std::vector<WirePattern>& wire);
    const std::vector<size_t>& candidates(size_t line);
    size_t intern(const Bindings& bindings, size_t next_line);
    bool visited_before(const Place& place);
    bool step(const Place& place, WireResult& result);
    void step_floating(const Place& place);
    void step_fixed(const Place& place);
    void push_after_match(const Place& place, Bindings bindings);
    void note_stop(const Place& place, size_t segment, bool resembles);
    std::vector<size_t> trail_of(size_t trail) const;

    const std::vector<WireSegment>& segments_;
    Variables variables_;
    std::vector<CompiledLine> lines_;
    std::vector<std::optional<std::vector<size_t>>> candidates_;  // by line: segments that fit it but for numbers
    std::vector<Bindings> environments_;
    std::map<std::vector<uint64_t>, size_t> environment_numbers_;
    std::map<std::pair<size_t, size_t>, size_t> floated_from_;  // line and environment: the first segment tried already
    std::vector<std::pair<size_t, size_t>> trail_;              // segment taken and the trail before it
    std::vector<Place> open_;
    std::unordered_set<Visit, VisitHash> visited_;
    std::optional<WireStop> stop_;
    std::tuple<size_t, size_t, bool> stop_rank_{0, 0, false};
};

}  // namespace tcpwitness
