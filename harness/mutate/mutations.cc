#include "mutate/mutations.hh"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "verdict/verdict.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kReason = "# unnoticed:";

// What the text of a line says behind "# unnoticed:"; empty when it says nothing.
std::string reason_in(const std::string& line) {
    const size_t at = line.find(kReason);
    if (at == std::string::npos) return {};
    const size_t first = line.find_first_not_of(' ', at + kReason.size());
    return first == std::string::npos ? std::string() : line.substr(first, line.find_last_not_of(" \r") - first + 1);
}

// Optional lines of `wire` that took no segment in this run: without them it passes all the same.
std::set<size_t> absent_lines(const Record& record) {
    std::set<size_t> absent;
    for (size_t i = 0; i < record.plan.expectations.wire.size(); ++i) {
        if (!record.plan.expectations.wire[i].optional) continue;
        Plan without = record.plan;
        without.expectations.wire.erase(without.expectations.wire.begin() + static_cast<std::ptrdiff_t>(i));
        if (evaluate(without, record.timeline).outcome == Outcome::pass) absent.insert(i);
    }
    return absent;
}

}  // namespace

void Mutations::add(const Record& record) {
    const Verdict verdict = evaluate(record.plan, record.timeline);
    switch (verdict.outcome) {
        case Outcome::pass:
            ++judged_;
            return judge(record);
        case Outcome::skip:
            skipped_.push_back(fmt::format("{}: {}", record.plan.id, verdict.reason));
            return;
        case Outcome::fail:
        case Outcome::error:
            not_passed_.push_back(
                fmt::format("{}: {}: {}", record.plan.id, to_string(verdict.outcome), verdict.reason));
    }
}

std::string Mutations::reason_at(const Plan& plan, const SourcePosition& position) const {
    const auto given = given_.find({position.file, position.line, 0});
    if (given != given_.end()) return given->second;
    const auto line = static_cast<size_t>(position.line);
    if (position.file != plan.source.file || line == 0 || line > plan.case_text.size()) return {};
    return reason_in(plan.case_text[line - 1]);
}

void Mutations::judge(const Record& record) {
    const Plan& plan = record.plan;
    const std::set<size_t> absent = absent_lines(record);
    std::map<ChangeKey, int> occurrences;
    for (const Mutant& mutant : mutants_of(plan)) {
        if (mutant.optional_line && absent.count(*mutant.optional_line) != 0) continue;
        ++changes_;
        const SourcePosition& position = mutant.source.position;
        const std::string reason = reason_at(plan, position);
        if (!reason.empty()) reasons_[{position.file, position.line, 0}] = reason;
        const int occurrence = occurrences[{position, mutant.change, 0}]++;
        Change& change = by_change_[{position, mutant.change, occurrence}];
        if (change.change.empty()) change = {mutant.source, mutant.change, reason, {}, false};
        if (change.noticed) continue;  // somebody noticed; once is enough
        if (evaluate(mutated(plan, mutant), record.timeline).outcome == Outcome::pass) {
            change.survived.push_back(plan.id);
        } else {
            change.noticed = true;
        }
    }
}

std::vector<Survivor> Mutations::survivors() const {
    std::vector<Survivor> survivors;
    for (const auto& [key, change] : by_change_) {
        if (!change.noticed) survivors.push_back({change.source, change.change, change.survived, change.reason});
    }
    return survivors;
}

std::vector<NeedlessReason> Mutations::needless_reasons() const {
    std::map<SourcePosition, std::string> unused = reasons_;
    for (const Survivor& survivor : survivors())
        unused.erase({survivor.source.position.file, survivor.source.position.line, 0});
    std::vector<NeedlessReason> needless;
    for (const auto& [position, reason] : unused) needless.push_back({position, reason});
    return needless;
}

size_t Mutations::unexplained() const {
    const std::vector<Survivor> all = survivors();
    return static_cast<size_t>(
        std::count_if(all.begin(), all.end(), [](const Survivor& survivor) { return survivor.reason.empty(); }));
}

}  // namespace tcpwitness
