#include "report/json_report.hh"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "report/event_words.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

std::string dump(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

Json position_json(const SourcePosition& position) {
    return {{"file", position.file}, {"line", position.line}, {"column", position.column}};
}

// Byte offsets of the first difference; null when there is none to point at.
Json mark_json(size_t mark) {
    return mark == std::string::npos ? Json(nullptr) : Json(mark);
}

Json evidence_json(const Record& record, const Finding& finding, const EventWords& words) {
    Json events = Json::array();
    for (const size_t event : finding.evidence) {
        if (event >= record.timeline.events.size()) continue;
        const Event& seen = record.timeline.events[event];
        events.push_back(
            {{"event", event}, {"at_ns", seen.at.count()}, {"kind", kind_of(seen)}, {"text", words.describe(event)}});
    }
    return events;
}

Json finding_json(const Record& record, const Finding& finding, const EventWords& words) {
    Json source = position_json(finding.source.position);
    source["text"] = finding.source.text;
    Json json{{"holds", finding.holds}, {"undecided", finding.undecided}, {"kind", finding.kind}, {"source", source}};
    json["message"] = finding.message;
    json["expected"] = finding.expected;
    json["observed"] = finding.observed;
    json["expected_mark"] = mark_json(finding.expected_mark);
    json["observed_mark"] = mark_json(finding.observed_mark);
    json["evidence"] = finding.holds ? Json::array() : evidence_json(record, finding, words);
    return json;
}

Json case_json(const Record& record) {
    const Plan& plan = record.plan;
    const Observed& observed = record.timeline.observed;
    const EventWords words(plan, record.timeline);
    Json json{{"id", plan.id}, {"title", plan.title}, {"variant", plan.variant}};
    json["outcome"] = to_string(record.verdict.outcome);
    json["reason"] = record.verdict.reason;
    json["wall_ns"] = record.wall.count();
    json["source"] = position_json(plan.source);
    json["reference"] = plan.reference;
    json["claims"] = plan.claims;
    json["tags"] = plan.tags;
    json["seed"] = plan.seed;
    json["where"] = record.where;
    json["repeat"] = record.repeat_command;
    json["kernel"] = observed.kernel;
    json["observers"] = observed.observers;
    json["exact_states"] = observed.exact_states;
    json["exact_time_wait"] = observed.exact_time_wait;
    json["findings"] = Json::array();
    for (const Finding& finding : record.verdict.findings)
        json["findings"].push_back(finding_json(record, finding, words));
    return json;
}

Json summary_json(const Summary& summary) {
    return {{"passed", summary.passed},
            {"failed", summary.failed},
            {"skipped", summary.skipped},
            {"errors", summary.errors},
            {"not_run", summary.not_run},
            {"made_again", summary.made_again},
            {"stopped_by", summary.interrupted},
            {"skip_reasons", summary.skip_reasons},
            {"wall_ns", summary.wall.count()}};
}

Json matrix_json(const Matrix& matrix) {
    Json cases = Json::array();
    for (const MatrixRow& row : matrix.rows()) {
        Json groups = Json::array();
        for (const MatrixGroup& group : row.groups) {
            Json json{{"kernels", group.places}, {"outcome", to_string(group.outcome)}};
            const Json difference{{"kind", group.kind}, {"first", group.first}, {"here", group.here}};
            json["difference"] = group.kind.empty() ? Json(nullptr) : difference;
            groups.push_back(json);
        }
        cases.push_back({{"id", row.id}, {"agree", row.agree()}, {"groups", groups}});
    }
    return {{"kernels", matrix.places()}, {"cases", cases}};
}

std::string indented(const std::string& text, std::string_view indent) {
    std::string result;
    for (const std::string& line : split_lines(text))
        result += (result.empty() ? "" : "\n") + std::string(indent) + line;
    return result;
}

}  // namespace

JsonReport::JsonReport(Sink sink) : sink_(std::move(sink)) {}

void JsonReport::run_began(const RunBegan& began) {
    machine_ = began.machine;
}

// Kept as text: a Record with its Timeline would be a hundred times as large.
void JsonReport::case_ended(const Record& record) {
    matrix_.add(record);
    cases_ += (cases_.empty() ? "" : ",\n") + indented(dump(case_json(record)), "    ");
}

void JsonReport::run_ended(const Summary& summary) {
    Json head{{"format", "tcpwitness report"}, {"version", kVersion}, {"tool", tool_version()}, {"machine", machine_}};
    head["summary"] = summary_json(summary);
    if (!matrix_.rows().empty()) head["matrix"] = matrix_json(matrix_);
    std::string text = dump(head);
    text.resize(text.rfind('\n'));  // up to the closing brace
    sink_(text + ",\n  \"cases\": [" + (cases_.empty() ? "" : "\n" + cases_ + "\n  ") + "]\n}\n");
}

}  // namespace tcpwitness
