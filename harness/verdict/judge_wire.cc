// The list of segments. It is judged as a whole; a failure names the first segment that no line takes.
#include "verdict/judge.hh"
#include "verdict/wire_explain.hh"

namespace tcpwitness {
namespace {

void add_events(const WireSegment& segment, std::vector<size_t>& events) {
    if (segment.journey->sent) events.push_back(*segment.journey->sent);
    if (segment.journey->arrived) events.push_back(*segment.journey->arrived);
}

Finding gave_up(const std::vector<WirePattern>& wire) {
    Finding finding = failed("wire", wire.front().source,
                             "not decided: the pattern can be read in too many ways; say more of the segments that "
                             "stand beside '...'");
    finding.undecided = true;
    return finding;
}

Finding differs(const std::vector<WirePattern>& wire, const std::vector<WireSegment>& segments,
                const WireSearch& search, const WireStop& stop) {
    const bool line_left = stop.line < wire.size();
    const bool segment_left = stop.segment < segments.size();
    const WireExplanation explanation = explain(search, segments, stop);
    Finding finding = failed("wire", line_left ? wire[stop.line].source : wire.back().source, explanation.message);
    const WireText expected = line_left ? spell(wire[stop.line]) : WireText{};
    const WirePattern anything;
    const WireText observed =
        segment_left ? spell(segments[stop.segment], line_left ? wire[stop.line] : anything) : WireText{};
    finding.expected = line_left ? expected.text : "no more segments";
    finding.observed = segment_left ? observed.text : "no more segments";
    if (!explanation.field.empty()) {
        finding.expected_mark = expected.offset(explanation.field);
        finding.observed_mark = observed.offset(explanation.field);
    } else {
        finding.expected_mark = finding.observed_mark = 0;
    }
    if (stop.segment > 0) add_events(segments[stop.segment - 1], finding.evidence);
    if (segment_left) add_events(segments[stop.segment], finding.evidence);
    return finding;
}

}  // namespace

Finding judge(const Story& story, const std::vector<WirePattern>& wire) {
    const std::vector<WireSegment> segments = wire_segments(story, wire);
    WireSearch search(wire, segments);
    const WireResult result = search.run();
    if (result.gave_up) return gave_up(wire);
    if (!result.fits) return differs(wire, segments, search, result.stop);
    Finding finding = failed("wire", wire.front().source, {});
    finding.holds = true;
    for (const size_t segment : result.matched) add_events(segments[segment], finding.evidence);
    return finding;
}

}  // namespace tcpwitness
