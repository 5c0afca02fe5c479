// Sequence numbers as people read them: counted from the initial sequence number of the end that sent the byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "timeline/timeline.hh"

namespace tcpwitness {

// A number of a segment. Without a SYN of that end before it there is nothing to count from: `absolute`.
struct RelativeNumber {
    int64_t value = 0;
    bool absolute = false;
};

std::string to_string(const RelativeNumber& number);  // "1001", "#2746534523" when absolute

// What one journey's segment looks like beside the ones before it on its connection.
struct SegmentNumbers {
    RelativeNumber sequence;
    std::optional<RelativeNumber> acknowledgment;  // absent without ACK
    std::vector<std::pair<RelativeNumber, RelativeNumber>> sack;
    bool again = false;      // all of the sequence space it takes had been sent before
    std::string connection;  // whose it is, when the timeline has more than one connection: "c", ":40112"; else empty
};

// One for each of `ways`, which are journeys(timeline).
std::vector<SegmentNumbers> number_segments(const Timeline& timeline, const std::vector<Journey>& ways);

// "FIN ACK seq=1 ack=1001 len=20 again"
std::string describe_segment(const TcpSegment& segment, const SegmentNumbers& numbers);

}  // namespace tcpwitness
