// The gaps between the first sending of a segment and its repeats.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

// The same bytes sent again: the same sequence numbers, and for a segment that carries none the same acknowledgment.
struct Repeated {
    SocketAddress source;
    SocketAddress destination;
    uint32_t sequence = 0;
    uint32_t sequence_length = 0;
    uint32_t acknowledgment = 0;

    auto operator<=>(const Repeated&) const = default;
};

Repeated identity_of(const TcpSegment& segment) {
    const uint32_t length = segment.sequence_length();
    return {segment.source, segment.destination, segment.sequence, length, length == 0 ? segment.acknowledgment : 0};
}

// The sendings of the first segment that was repeated, or of the first that was sent at all.
std::vector<size_t> sendings_of(const Story& story, const SpacingExpectation& expectation) {
    std::map<Repeated, std::vector<size_t>> sendings;
    for (const Journey& journey : story.journeys) {
        if (!journey.sent || journey.copy) continue;
        const TcpSegment& segment = segment_of(story.timeline, journey);
        if (!flags_match(expectation.flags, segment.flags)) continue;
        if (!from_host_to_host(story, journey, expectation.from, expectation.to)) continue;
        sendings[identity_of(segment)].push_back(*journey.sent);
    }
    const std::vector<size_t>* best = nullptr;
    for (const auto& [identity, events] : sendings) {
        const bool repeated = events.size() > 1;
        const bool best_repeated = best != nullptr && best->size() > 1;
        const bool earlier = best == nullptr || events.front() < best->front();
        if (best == nullptr || (repeated && !best_repeated) || (repeated == best_repeated && earlier)) best = &events;
    }
    return best == nullptr ? std::vector<size_t>{} : *best;
}

// A list of gaps as text, with the offset of each.
struct GapsText {
    std::string text;
    std::vector<size_t> offsets;

    void add(const std::string& gap) {
        if (!text.empty()) text += ", ";
        offsets.push_back(text.size());
        text += gap;
    }
    size_t offset(size_t index) const { return index < offsets.size() ? offsets[index] : text.size(); }
};

DurationRange allowed(const SpacingExpectation& expectation, Duration gap) {
    const auto slack = Duration(std::llround(static_cast<double>(gap.count()) * expectation.tolerance));
    return {gap - slack, gap + slack};
}

// The first gap that is not as expected, or their number when all are.
size_t first_wrong(const SpacingExpectation& expectation, const std::vector<Duration>& gaps) {
    const size_t common = std::min(gaps.size(), expectation.gaps.size());
    for (size_t i = 0; i < common; ++i) {
        if (!allowed(expectation, expectation.gaps[i]).contains(gaps[i])) return i;
    }
    return common;
}

std::string times(const std::vector<Duration>& gaps) {
    return counted(static_cast<int64_t>(gaps.size()), "time");
}

std::string repeats(const SpacingExpectation& expectation) {
    return counted(static_cast<int64_t>(expectation.gaps.size()), "repeat") +
           (expectation.gaps.size() == 1 ? " was" : " were");
}

std::string difference(const Story& story, const SpacingExpectation& expectation, const std::vector<Duration>& gaps,
                       size_t wrong) {
    const std::string name = fmt::format("{} > {} {}", expectation.from, expectation.to, flags_text(expectation.flags));
    if (wrong < gaps.size() && wrong < expectation.gaps.size()) {
        const DurationRange range = allowed(expectation, expectation.gaps[wrong]);
        return fmt::format(
            "repeat {} of {} came {} after the sending before it; {} was expected ({} to {}, tolerance "
            "{:.0f}%)",
            wrong + 1, name, format_duration(gaps[wrong]), format_duration(expectation.gaps[wrong]),
            format_duration(range.least), format_duration(range.most), expectation.tolerance * 100);
    }
    if (gaps.size() < expectation.gaps.size()) {
        return fmt::format("{} was repeated {} before the story ended at {}; {} expected", name, times(gaps),
                           format_duration(story.end), repeats(expectation));
    }
    if (gaps.size() > expectation.gaps.size() && !expectation.more) {
        return fmt::format("{} was repeated {}; {} expected", name, times(gaps), repeats(expectation));
    }
    return {};
}

}  // namespace

Finding judge(const Story& story, const SpacingExpectation& expectation) {
    Finding finding = failed("spacing", expectation.source, {});
    finding.evidence = sendings_of(story, expectation);
    GapsText expected;
    for (const Duration gap : expectation.gaps) expected.add(format_duration(gap));
    if (expectation.more) expected.add("...");
    finding.expected = expected.text;
    if (finding.evidence.empty()) {
        finding.message = fmt::format("no segment {} > {} {} was sent", expectation.from, expectation.to,
                                      flags_text(expectation.flags));
        finding.observed = "no such segment";
        return finding;
    }
    std::vector<Duration> gaps;
    GapsText observed;
    for (size_t i = 1; i < finding.evidence.size(); ++i) {
        gaps.push_back(story.time_of(finding.evidence[i]) - story.time_of(finding.evidence[i - 1]));
        observed.add(format_duration(gaps.back()));
    }
    finding.observed = gaps.empty() ? "not repeated" : observed.text;
    const size_t wrong = first_wrong(expectation, gaps);
    finding.message = difference(story, expectation, gaps, wrong);
    finding.holds = finding.message.empty();
    if (!finding.holds) {
        finding.expected_mark = expected.offset(wrong);
        finding.observed_mark = gaps.empty() ? 0 : observed.offset(wrong);
    }
    return finding;
}

}  // namespace tcpwitness
