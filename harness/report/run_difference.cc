#include "report/run_difference.hh"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "report/run_aspects.hh"

namespace tcpwitness {
namespace {

std::string line_at(const std::vector<std::string>& lines, size_t index) {
    return index < lines.size() ? lines[index] : "nothing";
}

void add_lines(const std::string& kind, const std::vector<std::string>& before, const std::vector<std::string>& after,
               std::vector<RunDifference>& differences) {
    for (size_t line = 0; line < std::max(before.size(), after.size()); ++line) {
        if (line_at(before, line) == line_at(after, line)) continue;
        differences.push_back({kind, line_at(before, line), line_at(after, line)});
        return;
    }
}

// "client c FIN_WAIT_2" and how long it lasted, for every state that ended.
struct TimedState {
    std::string name;
    Duration lasted{};
};

std::vector<TimedState> timed_states(const Timeline& timeline) {
    std::vector<TimedState> states;
    for (const Socket& socket : timeline.sockets) {
        for (const StateSpan& span : states_of(timeline, socket.index)) {
            if (!span.ended || span.state == TcpState::closed) continue;
            states.push_back(
                {fmt::format("{} {}", socket_name(socket), to_string(span.state)), *span.ended - span.began});
        }
    }
    std::stable_sort(states.begin(), states.end(),
                     [](const TimedState& a, const TimedState& b) { return a.name < b.name; });
    return states;
}

bool same(Duration a, Duration b, const DurationTolerance& tolerance) {
    const auto apart = static_cast<double>(std::abs((a - b).count()));
    return apart <= static_cast<double>(tolerance.absolute.count()) ||
           apart <= tolerance.relative * static_cast<double>(std::max(a, b).count());
}

void add_durations(const Record& before, const Record& after, const DurationTolerance& tolerance,
                   std::vector<RunDifference>& differences) {
    const std::vector<TimedState> a = timed_states(before.timeline);
    const std::vector<TimedState> b = timed_states(after.timeline);
    if (a.size() != b.size()) return;  // then the states differ, which is told
    for (size_t i = 0; i < a.size(); ++i) {
        if (a[i].name != b[i].name) return;
        if (same(a[i].lasted, b[i].lasted, tolerance)) continue;
        differences.push_back(
            {"duration", fmt::format("{} {}", a[i].name, format_duration(a[i].lasted)), format_duration(b[i].lasted)});
        return;
    }
}

void add_counters(const Record& before, const Record& after, std::vector<RunDifference>& differences) {
    for (const auto& [host, counters] : before.timeline.counters) {
        const auto other = after.timeline.counters.find(host);
        if (other == after.timeline.counters.end() || host == "path") continue;
        std::set<std::string> names;
        for (const auto& [name, value] : counters) names.insert(name);
        for (const auto& [name, value] : other->second) names.insert(name);
        for (const std::string& name : names) {
            const auto value_in = [&name](const std::map<std::string, int64_t>& all) {
                const auto found = all.find(name);
                return found == all.end() ? 0 : found->second;
            };
            const bool of_tcp = name.starts_with("Tcp");  // not IP's count of packets and bytes
            if (!of_tcp || value_in(counters) == value_in(other->second)) continue;
            differences.push_back({"counter", fmt::format("{} {} {}", host, name, value_in(counters)),
                                   std::to_string(value_in(other->second))});
        }
    }
}

}  // namespace

std::vector<RunDifference> run_differences(const Record& before, const Record& after,
                                           const DurationTolerance& tolerance) {
    std::vector<RunDifference> differences;
    const std::vector<RunAspect> a = aspects_of(before);
    const std::vector<RunAspect> b = aspects_of(after);
    add_lines("outcome", a.back().lines, b.back().lines, differences);
    if (a.size() != b.size()) return differences;
    for (size_t i = 0; i + 1 < a.size(); ++i) add_lines(a[i].kind, a[i].lines, b[i].lines, differences);
    add_durations(before, after, tolerance, differences);
    add_counters(before, after, differences);
    return differences;
}

}  // namespace tcpwitness
