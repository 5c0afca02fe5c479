// The segments of a story as `expect.wire` counts them, with what their numbers are relative to.
#pragma once

#include <string>
#include <vector>

#include "verdict/story.hh"

namespace tcpwitness {

// What became of a segment that was sent.
enum class Fate : uint8_t {
    arrived,
    lost,     // it did not arrive, or damaged
    unknown,  // it may have been on its way still when the watching ended
};

// The number that relative ones count from: the initial sequence number of the end that sends these bytes.
struct NumberBase {
    uint32_t number = 0;
    bool from_syn = false;  // false: no SYN was seen, so it is the first number that was
};

// A relative number as people read it: those shortly before the base are negative, not near 2^32.
int64_t readable(uint32_t relative);

struct WireSegment {
    const TcpSegment* segment = nullptr;
    const Journey* journey = nullptr;
    std::string from;
    std::string to;
    Instant at{};
    Fate fate = Fate::arrived;
    NumberBase sequence_base;
    NumberBase acknowledgment_base;

    bool forged() const { return journey->forged(); }
    int64_t relative_sequence() const { return readable(segment->sequence - sequence_base.number); }
    int64_t relative_acknowledgment() const { return readable(segment->acknowledgment - acknowledgment_base.number); }
};

// Every segment that a host sent, and every forged one that arrived, between two hosts that the pattern speaks of.
// Copies that the network made are not sent by anybody and are left out. Refers into `story`.
std::vector<WireSegment> wire_segments(const Story& story, const std::vector<WirePattern>& wire);

// A line or a segment as text, with the offset of each field in it.
struct WireText {
    std::string text;
    std::vector<std::pair<std::string, size_t>> fields;

    void add(const std::string& field, const std::string& part);
    size_t offset(const std::string& field) const;  // the end of the text when there is no such field
};

WireText spell(const WirePattern& line);
// In the same words as `line`: window, options and rare flags only where the line names them.
WireText spell(const WireSegment& segment, const WirePattern& line);

// The value of an option in a segment, under the names that cases use: "1460" for mss, "" when it is there and has no
// single value, nothing when it is absent. `known` is false for a name that no option has.
std::optional<std::string> option_value(const TcpOptions& options, const std::string& name, bool& known);

}  // namespace tcpwitness
