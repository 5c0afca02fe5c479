#include "plan/plan_expectations.hh"

namespace tcpwitness {
namespace {

class ExpectationPlanner {
  public:
    explicit ExpectationPlanner(const Settings& settings) : settings_(settings) {}

    void add(const CaseExpectations& expect);
    Expectations take() { return std::move(planned_); }

  private:
    StateElement element_of(const CaseStateElement& element) const;
    void add_states(const CaseStates& states);
    void add_wire(const CaseWire& wire);
    void add_time_wait(const CaseTimeWait& expected);
    void add_sockets(const CaseSockets& expected);
    void add_spacing(const CaseSpacing& expected);

    const Settings& settings_;
    Expectations planned_;
};

StateElement ExpectationPlanner::element_of(const CaseStateElement& element) const {
    StateElement planned{.gap = element.gap};
    for (const std::vector<CaseState>& alternative : element.alternatives) {
        std::vector<StateAndDuration>& states = planned.alternatives.emplace_back();
        for (const CaseState& state : alternative) {
            StateAndDuration& each = states.emplace_back(StateAndDuration{.state = state.state});
            if (!state.duration) continue;
            each.duration = settings_.range(*state.duration);
            each.duration_text = state.duration->text;
        }
    }
    return planned;
}

void ExpectationPlanner::add_states(const CaseStates& states) {
    const std::vector<CaseStateElement>* sequence = settings_.pick(states.sequence);
    if (sequence == nullptr) return;
    StatesExpectation planned{.source = states.source, .socket = states.socket};
    for (const CaseStateElement& element : *sequence) planned.sequence.push_back(element_of(element));
    planned_.states.push_back(std::move(planned));
}

void ExpectationPlanner::add_wire(const CaseWire& wire) {
    const CaseSegment* segment = settings_.pick(wire.segment);
    if (segment == nullptr) return;
    planned_.wire.push_back({.source = wire.source,
                             .gap = segment->gap,
                             .from = segment->from,
                             .to = segment->to,
                             .flags = segment->flags,
                             .sequence = segment->sequence,
                             .acknowledgment = segment->acknowledgment,
                             .length = segment->length,
                             .window = segment->window,
                             .options = segment->options,
                             .optional = segment->optional,
                             .lost = segment->lost,
                             .forged = segment->forged});
}

void ExpectationPlanner::add_time_wait(const CaseTimeWait& expected) {
    TimeWaitExpectation planned{.source = expected.source, .socket = expected.socket};
    if (const Comparison* restarts = settings_.pick(expected.restarts)) planned.restarts = *restarts;
    if (const std::string* cause = settings_.pick(expected.ended_by)) planned.ended_by = *cause;
    if (const CaseDuration* length = settings_.pick(expected.length)) {
        planned.length = settings_.range(*length);
        planned.length_text = length->text;
    }
    if (planned.restarts || planned.length || planned.ended_by) planned_.time_wait.push_back(std::move(planned));
}

void ExpectationPlanner::add_sockets(const CaseSockets& expected) {
    SocketsExpectation planned{.source = expected.source, .host = expected.host};
    for (const auto& [state, choice] : expected.states) {
        if (const Comparison* count = settings_.pick(choice)) planned.states.emplace_back(state, *count);
    }
    // States that are named for other kernels only: "none" was not meant.
    if (planned.states.empty() && !expected.states.empty()) return;
    planned_.sockets.push_back(std::move(planned));
}

void ExpectationPlanner::add_spacing(const CaseSpacing& expected) {
    const CaseGaps* gaps = settings_.pick(expected.gaps);
    if (gaps == nullptr) return;
    planned_.spacing.push_back({.source = expected.source,
                                .from = expected.from,
                                .to = expected.to,
                                .flags = expected.flags,
                                .gaps = gaps->gaps,
                                .more = gaps->more,
                                .tolerance = gaps->tolerance});
}

void ExpectationPlanner::add(const CaseExpectations& expect) {
    for (const CaseStates& each : expect.states) add_states(each);
    for (const CaseWire& each : expect.wire) add_wire(each);
    for (const CaseTimeWait& each : expect.time_wait) add_time_wait(each);
    for (const CaseSockets& each : expect.sockets) add_sockets(each);
    for (const CaseSpacing& each : expect.spacing) add_spacing(each);
    for (const CaseData& each : expect.data) planned_.data.push_back({each.source, each.from, each.to});
    for (const CaseCounter& each : expect.counters) {
        if (const Comparison* comparison = settings_.pick(each.comparison)) {
            planned_.counters.push_back({each.source, each.host, each.counter, *comparison});
        }
    }
    for (const CaseExit& each : expect.exits) {
        if (const ExitOutcome* outcome = settings_.pick(each.outcome)) {
            planned_.exits.push_back({each.source, each.program, outcome->exit_status, outcome->signal});
        }
    }
}

}  // namespace

Expectations plan_expectations(const CaseStory& story, const Settings& settings) {
    ExpectationPlanner planner(settings);
    for (const CaseExpectations& expect : story.expectations) {
        if (settings.holds(expect.when)) planner.add(expect);
    }
    return planner.take();
}

}  // namespace tcpwitness
