// How far a counter of a host moved during the story.
#include <fmt/core.h>

#include "verdict/judge.hh"

namespace tcpwitness {

Finding judge(const Story& story, const CounterExpectation& expectation) {
    Finding finding = failed("counters", expectation.source, {});
    finding.expected = fmt::format("{}: {}", expectation.counter, to_string(expectation.comparison));
    const auto host = story.timeline.counters.find(expectation.host);
    const bool host_known = host != story.timeline.counters.end();
    if (!host_known || host->second.count(expectation.counter) == 0) {
        finding.undecided = true;
        finding.message = host_known ? fmt::format("not decided: the kernel of this run ({}) has no counter {}",
                                                   story.timeline.observed.kernel, expectation.counter)
                                     : fmt::format("not decided: no counters of {} were read", expectation.host);
        return finding;
    }
    const int64_t change = host->second.at(expectation.counter);
    finding.observed = fmt::format("{}: {}", expectation.counter, change);
    finding.holds = expectation.comparison.holds(change);
    if (finding.holds) return finding;
    finding.message = fmt::format("{} of {} rose by {}; {} was expected", expectation.counter, expectation.host, change,
                                  to_string(expectation.comparison));
    finding.expected_mark = finding.observed_mark = expectation.counter.size() + 2;
    return finding;
}

}  // namespace tcpwitness
