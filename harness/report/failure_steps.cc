#include "report/failure_steps.hh"

#include <algorithm>

#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

std::optional<int> step_at(const Plan& plan, const SourcePosition& position) {
    for (size_t i = 0; i < plan.steps.size(); ++i) {
        if (plan.steps[i].source.position == position) return static_cast<int>(i);
    }
    return std::nullopt;
}

class Steps {
  public:
    explicit Steps(const Plan& plan) : plan_(plan) {}

    void begin(const Event& event) {
        if (const auto* began = std::get_if<StepBegan>(&event.body)) begin(event.at, began->step);
    }
    void finish(const Event& event) {
        if (const auto* ended = std::get_if<StepEnded>(&event.body)) end(*ended);
        if (const auto* call = std::get_if<Call>(&event.body)) result(*call);
    }

    std::vector<StepTaken> taken() { return std::move(steps_); }

  private:
    void begin(Instant at, int step) {
        if (step < 0 || static_cast<size_t>(step) >= plan_.steps.size()) return;
        const PlanStep& planned = plan_.steps[static_cast<size_t>(step)];
        const auto* call = std::get_if<CallStep>(&planned.action);
        std::string text = call != nullptr ? call->program + ": " + call->text : step_text(planned);
        if (call != nullptr && call->mode == CallMode::finish) text = finished_text(*call);
        steps_.push_back({.step = step, .at = at, .text = std::move(text), .is_call = call != nullptr});
    }

    // "client: ... connect(c) = ETIMEDOUT": the call is an earlier step's.
    std::string finished_text(const CallStep& finish) const {
        for (auto call = calls_.rbegin(); call != calls_.rend(); ++call) {
            const bool same =
                (*call)->program == finish.program && short_call((*call)->text) == short_call(finish.text);
            if (same) return finish.program + ": ... " + short_call(finish.text) + call_result(plan_, **call);
        }
        return finish.program + ": ... " + short_call(finish.text);
    }

    void end(const StepEnded& ended) {
        StepTaken* step = find(ended.step);
        if (step == nullptr) return;
        step->ended = true;
        step->outcome = ended.outcome;
        step->observed = ended.observed;
    }

    // A call's result belongs behind its text, unless the step only began it.
    void result(const Call& call) {
        StepTaken* step = find(call.step);
        if (step == nullptr) return;
        calls_.push_back(&call);
        const auto* planned = std::get_if<CallStep>(&plan_.steps[static_cast<size_t>(call.step)].action);
        const bool begun_only = planned != nullptr && planned->mode == CallMode::begin;
        step->text = call.program + ": " +
                     (begun_only ? call.text + " = ..." : call_text(plan_, call) + call_result(plan_, call));
    }

    StepTaken* find(int step) {
        const auto place =
            std::find_if(steps_.rbegin(), steps_.rend(), [step](const StepTaken& each) { return each.step == step; });
        return place == steps_.rend() ? nullptr : &*place;
    }

    const Plan& plan_;
    std::vector<StepTaken> steps_;
    std::vector<const Call*> calls_;
};

}  // namespace

std::vector<StepTaken> steps_taken(const Plan& plan, const Timeline& timeline, size_t end) {
    Steps steps(plan);
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        if (i < end) steps.begin(timeline.events[i]);
        steps.finish(timeline.events[i]);
    }
    return steps.taken();
}

size_t place_of(const Plan& plan, const Timeline& timeline, const Finding& finding) {
    const size_t length = story_length(timeline);
    if (finding.kind == "step") {
        const std::optional<int> step = step_at(plan, finding.source.position);
        for (size_t i = 0; step && i < length; ++i) {
            const auto* ended = std::get_if<StepEnded>(&timeline.events[i].body);
            if (ended != nullptr && ended->step == *step) return i;
        }
    }
    if (!finding.evidence.empty()) return *std::max_element(finding.evidence.begin(), finding.evidence.end());
    return length;
}

}  // namespace tcpwitness
