#include <nlohmann/json.hpp>
#include <set>

#include "page/coverage_data.hh"
#include "page/page_data.hh"
#include "page/state_arcs.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

std::string subject_of(const Plan& plan) {
    const size_t slash = plan.id.find('/');
    return slash == std::string::npos ? "" : plan.id.substr(0, slash);
}

// The kernel that a table names: the place of a run on one of several, else the release.
std::string kernel_of(const Record& record) {
    const std::string place = place_of(record.plan);
    return place.empty() ? record.timeline.observed.kernel : place;
}

// "ESTABLISHED CLOSE_WAIT", each once: how the diagram names its arcs.
Json arcs_of(const Timeline& timeline) {
    std::set<std::string> arcs;
    for (const ArcTaken& arc : arcs_taken(timeline)) {
        if (!arc.inferred) arcs.insert(std::string(to_string(arc.from)) + " " + std::string(to_string(arc.to)));
    }
    return arcs;
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json differences(const Matrix& matrix) {
    Json rows = Json::array();
    for (const MatrixRow& row : matrix.rows()) {
        if (row.agree()) continue;
        Json groups = Json::array();
        for (const MatrixGroup& group : row.groups) {
            groups.push_back({{"places", group.places},
                              {"outcome", to_string(group.outcome)},
                              {"kind", group.kind},
                              {"first", group.first},
                              {"here", group.here}});
        }
        rows.push_back({{"id", row.id}, {"name", row.name}, {"groups", groups}});
    }
    return rows;
}

Json diagram() {
    Json arcs = Json::array();
    for (const StateArc& arc : state_arcs())
        arcs.push_back({{"from", to_string(arc.from)},
                        {"to", to_string(arc.to)},
                        {"kind", to_string(arc.kind)},
                        {"label", arc.label}});
    return arcs;
}

}  // namespace

void OverviewData::add(const Record& record) {
    const Plan& plan = record.plan;
    matrix_.add(record);
    if (record.verdict.outcome == Outcome::pass) coverage_.add(record, "");
    ++counts_[static_cast<size_t>(record.verdict.outcome)];
    cases_.push_back(dump({{"id", plan.id},
                           {"name", display_name(plan)},
                           {"title", plan.title},
                           {"variant", plan.variant},
                           {"subject", subject_of(plan)},
                           {"kernel", kernel_of(record)},
                           {"outcome", to_string(record.verdict.outcome)},
                           {"reason", record.verdict.reason},
                           {"seconds", std::chrono::duration<double>(record.wall).count()},
                           {"story", std::chrono::duration<double>(end_of_story(record.timeline)).count()},
                           {"claims", plan.claims},
                           {"tags", plan.tags},
                           {"arcs", arcs_of(record.timeline)}}));
}

std::string OverviewData::json(const std::string& machine) const {
    Json head{{"tool", tool_version()}, {"machine", machine}};
    head["counts"] = {{"pass", counts_[0]}, {"fail", counts_[1]}, {"skip", counts_[2]}, {"error", counts_[3]}};
    head["kernels"] = matrix_.places();
    head["compared"] = matrix_.rows().size();
    head["differences"] = differences(matrix_);
    head["diagram"] = diagram();
    std::string text = dump(head);
    text.pop_back();
    text += ",\n\"coverage\":" + coverage_data(coverage_.finish());
    text += ",\n\"cases\":[";
    for (size_t i = 0; i < cases_.size(); ++i) text += (i == 0 ? "\n" : ",\n") + cases_[i];
    return text + "]}";
}

}  // namespace tcpwitness
