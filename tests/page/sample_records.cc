#include "sample_records.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

// The events of the socket's changes of state.
std::vector<size_t> changes_of(const Timeline& timeline, int socket) {
    std::vector<size_t> events;
    for (size_t i = 0; i < timeline.events.size(); ++i) {
        const auto* change = std::get_if<StateChange>(&timeline.events[i].body);
        if (change != nullptr && change->socket == socket) events.push_back(i);
    }
    return events;
}

Finding states_finding(const Record& record, int socket, bool holds) {
    Finding finding{.holds = holds, .kind = "states"};
    const int line = static_cast<int>(record.plan.case_text.size());
    finding.source = {{record.plan.source.file, line, 5}, record.plan.case_text.back()};
    finding.expected = "... -> TIME_WAIT";
    finding.observed = holds ? finding.expected : "... -> CLOSED";
    if (!holds) finding.expected_mark = finding.observed_mark = 7;
    if (!holds) finding.message = "client c passed CLOSED where TIME_WAIT was expected";
    finding.evidence = changes_of(record.timeline, socket);
    return finding;
}

}  // namespace

Record sample_record(const ToldRun& story, Outcome outcome, const std::string& reason) {
    Record record = record_of(story, outcome, reason);
    record.plan.case_text = {"case: " + record.plan.title,
                             "about: Made up for a test.  # no kernel was asked",
                             "",
                             "",
                             "",
                             "",
                             "",
                             "",
                             "steps:"};
    for (const PlanStep& step : record.plan.steps) record.plan.case_text.push_back("  " + step.source.text);
    record.plan.case_text.emplace_back("expect:");
    record.plan.case_text.emplace_back("    client c: ... -> TIME_WAIT");
    return record;
}

std::vector<Record> sample_records() {
    Record passed = sample_record(four_way_close(), Outcome::pass);
    passed.verdict.findings = {states_finding(passed, 0, true)};
    passed.plan.id += "@6.1";
    Record bad = sample_record(bad_line(), Outcome::fail, "client c passed CLOSED where TIME_WAIT was expected");
    bad.plan.id += "@6.12";
    bad.verdict.findings = {states_finding(bad, 0, false)};
    return {passed, bad, failed_step_record(),
            skipped_record("path/random_loss[loss=20%]", "netem is not in this kernel"), broken_record()};
}

}  // namespace tcpwitness
