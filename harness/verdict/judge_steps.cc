// What the steps came to: calls by their results, conditions by what the run saw.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/error.hh"
#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

// What the timeline has of one step.
struct StepRecord {
    std::optional<size_t> began;
    std::optional<size_t> ended;
    std::optional<size_t> call;  // the call that this step started
};

class StepJudge {
  public:
    explicit StepJudge(const Story& story) : story_(story), records_(story.plan.steps.size()) {
        for (size_t i = 0; i < story.length; ++i) {
            if (const auto* began = story.event<StepBegan>(i)) note(began->step, &StepRecord::began, i);
            if (const auto* ended = story.event<StepEnded>(i)) note(ended->step, &StepRecord::ended, i);
            if (const auto* call = story.event<Call>(i)) note(call->step, &StepRecord::call, i);
        }
    }

    std::vector<Finding> findings() {
        for (size_t step = 0; step < records_.size(); ++step) {
            if (!records_[step].began) {
                add_not_reached(step);
                break;
            }
            const auto* call = std::get_if<CallStep>(&plan_step(step).action);
            if (call != nullptr) {
                judge_call(step, *call);
            } else {
                judge_other(step);
            }
        }
        return std::move(findings_);
    }

  private:
    void note(int step, std::optional<size_t> StepRecord::*member, size_t event) {
        const auto index = static_cast<size_t>(step);
        if (step < 0 || index >= records_.size()) return;
        std::optional<size_t>& place = records_[index].*member;
        if (!place) place = event;
    }

    const PlanStep& plan_step(size_t step) const { return story_.plan.steps[step]; }

    // How the step ended; absent when the timeline does not say.
    const StepEnded* ending(size_t step) const {
        return records_[step].ended ? story_.event<StepEnded>(*records_[step].ended) : nullptr;
    }

    std::vector<size_t> evidence(size_t step, std::optional<size_t> call = std::nullopt) const {
        std::vector<size_t> events{*records_[step].began};
        if (call) events.push_back(*call);
        if (records_[step].ended) events.push_back(*records_[step].ended);
        std::sort(events.begin(), events.end());
        return events;
    }

    void add(size_t step, std::string message, std::string expected, std::string observed, size_t mark,
             std::optional<size_t> call = std::nullopt) {
        Finding finding = failed("step", plan_step(step).source, std::move(message));
        finding.holds = finding.message.empty();
        finding.expected = std::move(expected);
        finding.observed = std::move(observed);
        if (!finding.holds) finding.expected_mark = finding.observed_mark = mark;
        finding.evidence = evidence(step, call);
        if (!finding.holds && failed_step_ == std::string::npos) failed_step_ = step;
        findings_.push_back(std::move(finding));
    }

    void add_not_reached(size_t step) {
        const size_t others = records_.size() - step - 1;
        const std::string which = others == 0   ? "this step was"
                                  : others == 1 ? "this step and the one after it were"
                                                : fmt::format("this step and the {} after it were", others);
        std::string why = "although no step before it failed";
        if (failed_step_ != std::string::npos) {
            const PlanStep& culprit = plan_step(failed_step_);
            why = fmt::format("because '{}' in line {} failed", culprit.source.text, culprit.source.position.line);
        }
        Finding finding = failed("step", plan_step(step).source, fmt::format("{} not reached {}", which, why));
        finding.expected = plan_step(step).source.text;
        finding.observed = "not reached";
        findings_.push_back(std::move(finding));
    }

    std::string within(size_t step) const {
        const Duration deadline = plan_step(step).deadline;
        return deadline > Duration{} ? " within " + format_duration(deadline) : " before the story ended";
    }

    // The step that began the call which `finish` waits for: same program, function and socket, not finished before.
    std::optional<size_t> beginning_of(size_t finish, const CallStep& finished) {
        const auto same = [&finished](const CallStep& begun) {
            const bool same_socket = begun.arguments.empty() || finished.arguments.empty() ||
                                     begun.arguments.front() == finished.arguments.front();
            return begun.mode == CallMode::begin && begun.program == finished.program &&
                   begun.function == finished.function && same_socket;
        };
        for (size_t step = 0; step < finish; ++step) {
            const auto* begun = std::get_if<CallStep>(&plan_step(step).action);
            if (begun == nullptr || !same(*begun) || finished_.count(step) != 0) continue;
            finished_[step] = finish;
            return step;
        }
        return std::nullopt;
    }

    void judge_call(size_t step, const CallStep& call) {
        const StepEnded* end = ending(step);
        if (call.mode == CallMode::begin) {
            if (end == nullptr || end->outcome != StepOutcome::done) add_broken_off(step);
            return;
        }
        std::optional<size_t> began_by = step;
        if (call.mode == CallMode::finish) began_by = beginning_of(step, call);
        const std::optional<size_t> event = began_by ? records_[*began_by].call : std::nullopt;
        const Call* made = event ? story_.event<Call>(*event) : nullptr;
        const bool ends_the_program = call.function == "exit";  // no return is what it does
        if (ends_the_program && end != nullptr && end->outcome == StepOutcome::done) return;
        if (made == nullptr || !made->ended) {
            add_no_return(step, call, event);
        } else {
            judge_result(step, call, *made, *event);
        }
    }

    void add_no_return(size_t step, const CallStep& call, std::optional<size_t> event) {
        const StepEnded* end = ending(step);
        const bool refused = end != nullptr && end->outcome != StepOutcome::done &&
                             end->outcome != StepOutcome::timed_out && !end->observed.empty();
        const std::string name = fmt::format("{}: {}", call.program, call.text);
        std::string message = refused ? fmt::format("{}: {}", name, end->observed)
                                      : fmt::format("{} did not return{}", name, within(step));
        add(step, std::move(message), fmt::format("{} = {}", call.text, to_string(call.expected)),
            fmt::format("{} = ...", call.text), call.text.size() + 3, event);
    }

    // The result in the words in which the case says what it expects.
    static std::string result_text(const CallStep& call, const Call& made) {
        using Kind = ExpectedResult::Kind;
        if (made.error_number != 0) return errno_name(made.error_number);
        const bool by_output = call.expected.kind == Kind::output || call.expected.kind == Kind::value;
        return by_output ? made.output : fmt::format("{}", made.result);
    }

    static std::string difference(const CallStep& call, const Call& made) {
        const std::string result = result_text(call, made);
        const std::string did = made.error_number != 0 ? "failed with" : "returned";
        const std::string said = fmt::format("{}: {} {} {}", call.program, call.text, did, result);
        if (call.expected.kind == ExpectedResult::Kind::success) return said + "; it should have succeeded";
        return fmt::format("{}; {} was expected", said, to_string(call.expected));
    }

    void judge_result(size_t step, const CallStep& call, const Call& made, size_t event) {
        const StepEnded* end = ending(step);
        const bool holds = matches(call.expected, made.result, made.error_number, made.output);
        if (holds && (end == nullptr || end->outcome != StepOutcome::done)) return add_broken_off(step);
        if (holds && call.expected.kind == ExpectedResult::Kind::success) return;
        add(step, holds ? std::string() : difference(call, made),
            fmt::format("{} = {}", call.text, to_string(call.expected)),
            fmt::format("{} = {}", call.text, result_text(call, made)), call.text.size() + 3, event);
    }

    void judge_other(size_t step) {
        const Action& action = plan_step(step).action;
        if (const auto* await = std::get_if<AwaitStep>(&action)) {
            judge_condition(step, await->condition, fmt::format("did not come{}", within(step)));
        } else if (const auto* check = std::get_if<CheckStep>(&action)) {
            judge_condition(step, check->condition, "does not hold");
        } else if (const StepEnded* end = ending(step); end == nullptr || end->outcome != StepOutcome::done) {
            add_broken_off(step);
        }
    }

    void judge_condition(size_t step, const Condition& condition, const std::string& how) {
        const StepEnded* end = ending(step);
        if (end == nullptr) return add_broken_off(step);
        const std::string wanted = to_string(condition);
        std::string message;
        if (end->outcome != StepOutcome::done) {
            message = end->observed.empty() ? fmt::format("'{}' {}", wanted, how)
                                            : fmt::format("'{}' {}: {}", wanted, how, end->observed);
        }
        add(step, std::move(message), wanted, end->observed, std::string::npos);
    }

    // A step that came to no result of its own: it timed out, the harness could not do it, or its end is missing.
    void add_broken_off(size_t step) {
        const StepEnded* end = ending(step);
        const std::string& text = plan_step(step).source.text;
        std::string message = fmt::format("'{}' has no end in the timeline", text);
        if (end != nullptr && end->outcome == StepOutcome::timed_out) {
            message = fmt::format("'{}' did not end{}", text, within(step));
        } else if (end != nullptr) {
            message = fmt::format("'{}' failed: {}", text, end->observed);
        }
        add(step, std::move(message), text, end == nullptr ? std::string() : end->observed, std::string::npos);
    }

    const Story& story_;
    std::vector<StepRecord> records_;
    std::map<size_t, size_t> finished_;  // the step that began a call, and the one that waited for its end
    std::vector<Finding> findings_;
    size_t failed_step_ = std::string::npos;
};

}  // namespace

std::vector<Finding> judge_steps(const Story& story) {
    return StepJudge(story).findings();
}

}  // namespace tcpwitness
