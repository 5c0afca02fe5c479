#include "page/case_lines.hh"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "report/failure_steps.hh"
#include "report/outcome_words.hh"

namespace tcpwitness {
namespace {

bool includes(const std::string& line) {
    const size_t begin = line.find_first_not_of(" \t-");
    return begin != std::string::npos && line.compare(begin, 8, "include:") == 0;
}

std::string file_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

class Lines {
  public:
    explicit Lines(const Record& record) : record_(record), own_(record.plan.source.file) {
        for (size_t i = 0; i < record.plan.case_text.size(); ++i)
            lines_.push_back({.number = static_cast<int>(i + 1), .text = record.plan.case_text[i]});
    }

    std::vector<CaseLine> lines() {
        for (size_t step = 0; step < record_.plan.steps.size(); ++step) {
            CaseLine* line = line_at(record_.plan.steps[step].source.position);
            if (line != nullptr) line->steps.push_back(static_cast<int>(step));
        }
        for (size_t finding = 0; finding < record_.verdict.findings.size(); ++finding) {
            CaseLine* line = line_at(record_.verdict.findings[finding].source.position);
            if (line != nullptr) line->findings.push_back(finding);
        }
        insert_included();
        return std::move(lines_);
    }

  private:
    CaseLine* line_at(const SourcePosition& position) {
        const bool own =
            position.file == own_ && position.line >= 1 && position.line <= static_cast<int>(lines_.size());
        return own ? &lines_[static_cast<size_t>(position.line) - 1] : nullptr;
    }

    // Included steps follow the nearest "include" above the next step of the case's own, each include used once.
    void insert_included() {
        std::map<size_t, std::vector<CaseLine>> behind;  // by index of the line in front of them
        std::vector<CaseLine> group;
        size_t searched_from = 0;
        const auto flush = [&](size_t before) {
            if (group.empty()) return;
            const auto includes_at = [this](size_t index) { return includes(lines_[index].text); };
            size_t place = before;
            while (place > searched_from && !includes_at(place - 1)) --place;
            if (place == searched_from) place = before;
            if (place > 0) --place;
            auto& there = behind[place];
            there.insert(there.end(), group.begin(), group.end());
            searched_from = place + 1;
            group.clear();
        };
        for (size_t step = 0; step < record_.plan.steps.size(); ++step) {
            const SourceLine& source = record_.plan.steps[step].source;
            if (source.position.file == own_) {
                flush(static_cast<size_t>(std::max(source.position.line, 1)) - 1);
            } else {
                group.push_back(included(source, static_cast<int>(step)));
            }
        }
        flush(lines_.size());
        std::vector<CaseLine> all;
        for (size_t index = 0; index < lines_.size(); ++index) {
            all.push_back(std::move(lines_[index]));
            for (CaseLine& line : behind[index]) all.push_back(std::move(line));
        }
        lines_ = std::move(all);
    }

    CaseLine included(const SourceLine& source, int step) const {
        CaseLine line{.number = source.position.line,
                      .file = file_name(source.position.file),
                      .text = "  - " + source.text,
                      .steps = {step}};
        for (size_t i = 0; i < record_.verdict.findings.size(); ++i) {
            if (record_.verdict.findings[i].source.position == source.position) line.findings.push_back(i);
        }
        return line;
    }

    const Record& record_;
    const std::string& own_;
    std::vector<CaseLine> lines_;
};

std::string result_text(const StepTaken& taken, const Event* end) {
    if (taken.ended && taken.outcome != StepOutcome::done && !taken.is_call)
        return fmt::format("{}{}{}", outcome_words(taken.outcome), taken.observed.empty() ? "" : ": ", taken.observed);
    if (taken.is_call) {
        const size_t result = taken.text.rfind(") = ");
        if (result != std::string::npos) return taken.text.substr(result + 4);
        return taken.ended ? "" : "did not return";
    }
    if (!taken.ended || end == nullptr) return "did not end";
    const Duration passed = end->at - taken.at;
    return passed >= std::chrono::milliseconds(1) ? "after " + format_duration(passed) : "";
}

}  // namespace

std::vector<CaseLine> case_lines(const Record& record) {
    return Lines(record).lines();
}

std::vector<StepResult> step_results(const Record& record) {
    const Timeline& timeline = record.timeline;
    std::vector<StepResult> results(record.plan.steps.size());
    std::map<int, const Event*> ends;
    const auto mine = [&](int step, size_t event) {
        if (step >= 0 && static_cast<size_t>(step) < results.size())
            results[static_cast<size_t>(step)].events.push_back(event);
    };
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        const EventBody& body = timeline.events[i].body;
        if (const auto* began = std::get_if<StepBegan>(&body)) mine(began->step, i);
        if (const auto* call = std::get_if<Call>(&body)) mine(call->step, i);
        if (const auto* fault = std::get_if<FaultFired>(&body)) mine(fault->step, i);
        if (const auto* started = std::get_if<ProgramStarted>(&body)) mine(started->step, i);
        if (const auto* ended = std::get_if<StepEnded>(&body)) {
            mine(ended->step, i);
            ends[ended->step] = &timeline.events[i];
        }
    }
    for (const StepTaken& taken : steps_taken(record.plan, timeline, timeline.events.size())) {
        StepResult& result = results.at(static_cast<size_t>(taken.step));
        const auto end = ends.find(taken.step);
        result.taken = true;
        result.good = taken.ended && taken.outcome == StepOutcome::done;
        result.at = taken.at;
        result.text = result_text(taken, end == ends.end() ? nullptr : end->second);
    }
    return results;
}

}  // namespace tcpwitness
