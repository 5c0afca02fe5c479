// The time between the last step and the end of the story: what the last step set going may still be on its way.
#include <algorithm>
#include <numeric>
#include <set>

#include "run/live_run.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// How long the end waits for what the case expects to be there at the end. When it is there nothing waits.
constexpr Duration kSettleLimit = 1s;

// The state that a sequence ends in; nothing when it leaves that open.
std::optional<TcpState> final_state(const StatesExpectation& expectation) {
    if (expectation.sequence.empty()) return std::nullopt;
    const StateElement& last = expectation.sequence.back();
    if (last.gap || last.alternatives.size() != 1 || last.alternatives.front().empty()) return std::nullopt;
    return last.alternatives.front().back().state;
}

// How many segments do not arrive as they were sent, because of a fault.
int64_t taken_away(const Event& event) {
    const auto* fault = std::get_if<FaultFired>(&event.body);
    if (fault == nullptr || !fault->segment) return 0;
    if (fault->action == "release") return -1;
    static const std::set<std::string> kTaking{"drop", "blackhole", "hold", "corrupt", "move"};
    return kTaking.count(fault->action) == 0 ? 0 : 1;
}

}  // namespace

void LiveRun::settle() {
    // By chance a segment may be lost again and again, each time for twice as long.
    wait_until([this] { return settled(); }, chance_decides() ? plan_.timeout : now() + kSettleLimit);
    record(StoryEnded{});  // what comes while the rest is asked for is not of the story
    observers_->compare_with_table();
    timeline_.sockets_left = observers_->sockets_left();
    timeline_.counters = observers_->counters();
}

bool LiveRun::settled() {
    const auto exited = [this](const ExitExpectation& exit) { return program(exit.program).exit.has_value(); };
    const Expectations& expected = plan_.expectations;
    return (chance_decides() || nothing_on_its_way()) && final_states_reached() && sockets_as_expected() &&
           std::all_of(expected.exits.begin(), expected.exits.end(), exited);
}

// Behind a netem that loses, copies and reorders, what is still on its way is anything, and late: where no segment is
// asked for, the story is over when its sockets are where they should be.
bool LiveRun::chance_decides() const {
    const auto netem = [](const PlanStep& step) {
        const auto* path = std::get_if<PathStep>(&step.action);
        return path != nullptr && std::holds_alternative<NetemTrick>(path->trick);
    };
    return plan_.expectations.wire.empty() && std::any_of(plan_.steps.begin(), plan_.steps.end(), netem);
}

// What path took away does not arrive any more: it stays in flight for the observers.
bool LiveRun::nothing_on_its_way() {
    const auto taken = std::accumulate(timeline_.events.begin(), timeline_.events.end(), int64_t{0},
                                       [](int64_t sum, const Event& event) { return sum + taken_away(event); });
    return static_cast<int64_t>(observers_->segments_in_flight()) <= taken && !path_->next_due();
}

bool LiveRun::final_states_reached() {
    return std::all_of(plan_.expectations.states.begin(), plan_.expectations.states.end(),
                       [this](const StatesExpectation& expectation) {
                           const std::optional<TcpState> state = final_state(expectation);
                           if (!state) return true;
                           const std::vector<TcpState> now_in = observers_->states(query_of(expectation.socket));
                           return std::find(now_in.begin(), now_in.end(), *state) != now_in.end();
                       });
}

bool LiveRun::sockets_as_expected() {
    if (plan_.expectations.sockets.empty()) return true;
    const std::vector<SocketLeft> left = observers_->sockets_left();
    const auto count = [&left](const std::string& host, std::optional<TcpState> state) {
        return std::count_if(left.begin(), left.end(), [&](const SocketLeft& socket) {
            return socket.host == host && (!state || socket.state == *state);
        });
    };
    return std::all_of(plan_.expectations.sockets.begin(), plan_.expectations.sockets.end(),
                       [&count](const SocketsExpectation& expectation) {
                           if (expectation.states.empty()) return count(expectation.host, std::nullopt) == 0;
                           return std::all_of(expectation.states.begin(), expectation.states.end(), [&](const auto& entry) {
                               return entry.second.holds(count(expectation.host, entry.first));
                           });
                       });
}

}  // namespace tcpwitness
