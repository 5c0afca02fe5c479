#include <fmt/core.h>

#include <algorithm>

#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

// What a step is called in a reason: its place and its text.
std::string name_of(const PlanStep& step) {
    return fmt::format("{}: {}", to_string(step.source.position), step.source.text);
}

const PlanStep* step_at(const Story& story, int step) {
    const auto index = static_cast<size_t>(step);
    return step >= 0 && index < story.plan.steps.size() ? &story.plan.steps[index] : nullptr;
}

// What the first step with that outcome observed, with the step's name; empty when there is none.
std::string ended_with(const Story& story, StepOutcome outcome) {
    for (size_t i = 0; i < story.timeline.events.size(); ++i) {
        const auto* ended = story.event<StepEnded>(i);
        if (ended == nullptr || ended->outcome != outcome) continue;
        const PlanStep* step = step_at(story, ended->step);
        return step == nullptr ? ended->observed : fmt::format("{}: {}", name_of(*step), ended->observed);
    }
    return {};
}

std::string why_skip(const Story& story) {
    if (!story.plan.skip.empty()) return story.plan.skip;
    if (!story.timeline.unsupported.empty()) return story.timeline.unsupported;
    return ended_with(story, StepOutcome::unsupported);
}

std::string lost_records(const Story& story) {
    for (size_t i = 0; i < story.timeline.events.size(); ++i) {
        const auto* lost = story.event<RecordsLost>(i);
        if (lost != nullptr) return fmt::format("the observer '{}' lost {} records", lost->observer, lost->count);
    }
    return {};
}

// netem and queues change all that passes and need not hit anything, and what is taken off again hits nothing; every
// other trick is of no use if it does not happen.
bool must_fire(const PlanStep& step) {
    const auto* path = std::get_if<PathStep>(&step.action);
    if (path == nullptr) return false;
    const auto* blackhole = std::get_if<BlackholeTrick>(&path->trick);
    const bool taken_off = blackhole != nullptr && !blackhole->on;
    return !taken_off && !std::holds_alternative<NetemTrick>(path->trick) &&
           !std::holds_alternative<QueueTrick>(path->trick);
}

std::string silent_fault(const Story& story) {
    std::vector<bool> begun(story.plan.steps.size());
    std::vector<int64_t> fired(story.plan.steps.size());
    for (size_t i = 0; i < story.length; ++i) {
        const auto* step = story.event<StepBegan>(i);
        const auto* fault = story.event<FaultFired>(i);
        if (step != nullptr && step_at(story, step->step) != nullptr) begun[static_cast<size_t>(step->step)] = true;
        if (fault != nullptr && step_at(story, fault->step) != nullptr) {
            fired[static_cast<size_t>(fault->step)] += fault->packets;
        }
    }
    for (size_t i = 0; i < begun.size(); ++i) {
        if (!begun[i] || fired[i] > 0 || !must_fire(story.plan.steps[i])) continue;
        return fmt::format("{}: it never happened, so the case did not test what it is about",
                           name_of(story.plan.steps[i]));
    }
    return {};
}

std::string why_error(const Story& story) {
    if (!story.timeline.error.empty()) return story.timeline.error;
    if (std::string broken = ended_with(story, StepOutcome::broken); !broken.empty()) return broken;
    if (!story.timeline.complete) return "the run ended early: its timeline is not complete";
    if (std::string lost = lost_records(story); !lost.empty()) return lost;
    return silent_fault(story);
}

template <typename Expectation>
void judge_all(const Story& story, const std::vector<Expectation>& expectations, std::vector<Finding>& findings) {
    for (const Expectation& expectation : expectations) findings.push_back(judge(story, expectation));
}

std::vector<Finding> judge_expectations(const Story& story) {
    const Expectations& expected = story.plan.expectations;
    std::vector<Finding> findings;
    judge_all(story, expected.states, findings);
    if (!expected.wire.empty()) findings.push_back(judge(story, expected.wire));
    judge_all(story, expected.time_wait, findings);
    judge_all(story, expected.sockets, findings);
    judge_all(story, expected.counters, findings);
    judge_all(story, expected.spacing, findings);
    judge_all(story, expected.data, findings);
    judge_all(story, expected.exits, findings);
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.source.position < b.source.position; });
    return findings;
}

void conclude(Verdict& verdict) {
    const auto fails = [](const Finding& finding) { return !finding.holds && !finding.undecided; };
    const auto undecided = [](const Finding& finding) { return finding.undecided; };
    auto first = std::find_if(verdict.findings.begin(), verdict.findings.end(), fails);
    verdict.outcome = Outcome::fail;
    if (first == verdict.findings.end()) {
        first = std::find_if(verdict.findings.begin(), verdict.findings.end(), undecided);
        verdict.outcome = first == verdict.findings.end() ? Outcome::pass : Outcome::skip;
    }
    if (first != verdict.findings.end()) verdict.reason = first->message;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return "pass";
        case Outcome::fail:
            return "fail";
        case Outcome::skip:
            return "skip";
        case Outcome::error:
            break;
    }
    return "error";
}

Verdict evaluate(const Plan& plan, const Timeline& timeline) {
    const Story story(plan, timeline);
    Verdict verdict;
    verdict.reason = why_skip(story);
    if (!verdict.reason.empty()) {
        verdict.outcome = Outcome::skip;
        return verdict;
    }
    verdict.findings = judge_steps(story);
    const std::vector<Finding> expectations = judge_expectations(story);
    verdict.findings.insert(verdict.findings.end(), expectations.begin(), expectations.end());
    verdict.reason = why_error(story);
    if (!verdict.reason.empty()) {
        verdict.outcome = Outcome::error;
        return verdict;
    }
    conclude(verdict);
    return verdict;
}

}  // namespace tcpwitness
