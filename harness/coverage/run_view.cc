#include "coverage/run_view.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// A program that is killed or exits takes this long at most to have its sockets closed.
constexpr Duration kEndOfProgram = 500ms;

const std::string* socket_argument(const CallStep& step) {
    if (step.arguments.empty() || step.arguments.front().kind != Value::Kind::socket) return nullptr;
    return &step.arguments.front().text;
}

}  // namespace

RunView::RunView(const Record& its_record)
    : record(its_record), plan(record.plan), timeline(record.timeline), length(story_length(timeline)) {
    find_arrivals();
    find_calls();
    find_passages();
}

std::optional<TcpState> RunView::state_before(int socket, size_t event) const {
    TcpState state = TcpState::closed;
    bool seen = true;
    for (size_t i = 0; i < event; ++i) {
        const auto* change = this->event<StateChange>(i);
        if (change == nullptr || change->socket != socket) continue;
        state = change->to;
        seen = change->source != Source::inferred;
    }
    if (!seen) return std::nullopt;
    return state;
}

bool RunView::has(TcpState from, TcpState to) const {
    return find(from, to) != nullptr;
}

const Passage* RunView::find(TcpState from, TcpState to) const {
    const auto found = std::find_if(passages.begin(), passages.end(),
                                    [&](const Passage& passage) { return passage.from == from && passage.to == to; });
    return found == passages.end() ? nullptr : &*found;
}

bool RunView::sent_by(const SegmentSeen& seen, int index) const {
    const Socket& one = socket(index);
    return seen.direction == Direction::sent && seen.host == one.host && seen.segment.source == one.local &&
           one.remote && seen.segment.destination == *one.remote;
}

bool RunView::arrived_at(const SegmentSeen& seen, int index) const {
    const Socket& one = socket(index);
    return seen.direction == Direction::arrived && seen.host == one.host && seen.segment.destination == one.local &&
           one.remote && seen.segment.source == *one.remote;
}

// Of several connections of the same two ends the one that is not over, the latest of them.
std::optional<int> RunView::socket_of(const SegmentSeen& seen, size_t event) const {
    std::optional<int> found;
    for (const Socket& each : timeline.sockets) {
        if (!arrived_at(seen, each.index)) continue;
        if (state_before(each.index, event) != TcpState::closed) found = each.index;
    }
    return found;
}

std::optional<int> RunView::listener_of(const SegmentSeen& seen, size_t event) const {
    for (const Socket& each : timeline.sockets) {
        if (each.host != seen.host || each.local.port != seen.segment.destination.port) continue;
        if (state_before(each.index, event) == TcpState::listen) return each.index;
    }
    return std::nullopt;
}

void RunView::find_arrivals() {
    for (size_t i = 0; i < length; ++i) {
        const auto* seen = event<SegmentSeen>(i);
        if (seen == nullptr || seen->direction != Direction::arrived || !seen->segment.checksum_good) continue;
        if (seen->host == "path") continue;
        Arrival arrival{.event = i, .at = timeline.events[i].at, .segment = &seen->segment, .host = seen->host};
        arrival.socket = socket_of(*seen, i);
        if (!arrival.socket) arrival.socket = listener_of(*seen, i);
        if (arrival.socket) {
            const std::optional<TcpState> state = state_before(*arrival.socket, i);
            if (!state) continue;
            arrival.state = *state;
        }
        arrivals.push_back(arrival);
    }
}

// A name that was given again means the socket that got it last; one that two sockets have at once is left out.
std::optional<int> RunView::socket_called(const CallStep& step, size_t event) const {
    const std::string* name = socket_argument(step);
    if (name == nullptr) return std::nullopt;
    int times = 0;
    for (size_t i = 0; i < event; ++i) {
        const auto* call = this->event<Call>(i);
        if (call == nullptr || call->program != step.program || call->step < 0) continue;
        const auto* made = std::get_if<CallStep>(&plan.steps[static_cast<size_t>(call->step)].action);
        if (made != nullptr && made->makes == *name) ++times;
    }
    std::vector<int> named;
    for (const Socket& each : timeline.sockets) {
        if (each.program == step.program && each.name == *name) named.push_back(each.index);
    }
    if (times > 1 || named.size() != 1) return std::nullopt;
    return named.front();
}

void RunView::find_calls() {
    for (size_t i = 0; i < length; ++i) {
        const auto* call = event<Call>(i);
        if (call == nullptr || call->step < 0 || static_cast<size_t>(call->step) >= plan.steps.size()) continue;
        const auto* step = std::get_if<CallStep>(&plan.steps[static_cast<size_t>(call->step)].action);
        if (step == nullptr) continue;
        const std::optional<int> socket = socket_called(*step, i);
        if (!socket) continue;
        const std::optional<TcpState> state = state_before(*socket, i);
        if (state) calls.push_back({i, timeline.events[i].at, call, step, *socket, *state});
    }
}

void RunView::find_passages() {
    for (size_t i = 0; i < length; ++i) {
        const auto* change = event<StateChange>(i);
        if (change == nullptr || change->source == Source::inferred) continue;
        Passage passage{
            .event = i, .at = timeline.events[i].at, .socket = change->socket, .from = change->from, .to = change->to};
        passage.cause = change->cause;
        bool from_seen = true;
        for (size_t before = 0; before < i; ++before) {
            const auto* earlier = event<StateChange>(before);
            if (earlier == nullptr || earlier->socket != change->socket) continue;
            passage.lasted = passage.at - timeline.events[before].at;
            from_seen = earlier->source != Source::inferred;
        }
        if (!from_seen) continue;  // the state it came from was not itself seen
        explain(passage);
        passages.push_back(std::move(passage));
    }
}

// When the latest call began that can have made it; nothing when there was none.
std::optional<Instant> RunView::call_before(const Passage& passage) const {
    const Socket& one = socket(passage.socket);
    std::optional<Instant> latest;
    for (size_t i = 0; i < length; ++i) {
        const Instant at = timeline.events[i].at;
        if (at > passage.at + kStampsApart) break;
        if (const auto* call = event<Call>(i); call != nullptr && may_act_on(call->program, one)) {
            // A call that blocks is there all the time: only its beginning makes something.
            const Instant ended = std::min(call->ended.value_or(at + kHandling), at + kHandling);
            if (passage.at <= ended + kStampsApart) latest = at;
        }
        const auto* began = event<StepBegan>(i);
        if (began != nullptr && ends_program(began->step, one) && passage.at <= at + kEndOfProgram) latest = at;
    }
    return latest;
}

bool RunView::ends_program(int step, const Socket& socket) const {
    const Action& action = plan.steps[static_cast<size_t>(step)].action;
    const auto* signal = std::get_if<SignalStep>(&action);
    const auto* call = std::get_if<CallStep>(&action);
    return (signal != nullptr && may_act_on(signal->program, socket)) ||
           (call != nullptr && call->function == "exit" && may_act_on(call->program, socket));
}

// A connection that nobody has accepted ends with its listener, whoever of its host closes that.
bool RunView::may_act_on(const std::string& program, const Socket& socket) const {
    if (!socket.program.empty()) return program == socket.program;
    return std::any_of(plan.programs.begin(), plan.programs.end(), [&](const PlanProgram& each) {
        return each.name == program && each.host == socket.host;
    });
}

// Of a call and a segment the later one made it.
void RunView::explain(Passage& passage) const {
    std::optional<Instant> arrived;
    for (const Arrival& arrival : arrivals) {
        if (arrival.at > passage.at + kStampsApart) break;
        if (!arrived_at(*event<SegmentSeen>(arrival.event), passage.socket) || passage.at - arrival.at > kHandling)
            continue;
        passage.segment = arrival.event;
        arrived = arrival.at;
    }
    const std::optional<Instant> called = call_before(passage);
    if (called && (!arrived || *called > *arrived)) {
        passage.occasion = Occasion::call;
        passage.segment.reset();
    } else if (arrived) {
        passage.occasion = Occasion::segment;
    }
}

}  // namespace tcpwitness
