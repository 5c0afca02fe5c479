// The coverage as data: what the page and other tools draw the table from.
#include <nlohmann/json.hpp>

#include "report/coverage_text.hh"

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

Json witnesses_json(const std::vector<Witness>& witnesses) {
    Json json = Json::array();
    for (const Witness& witness : witnesses)
        json.push_back({{"run", witness.run}, {"kernel", witness.kernel}, {"record", witness.record}});
    return json;
}

Json items_json(const std::vector<CoverageItem>& items) {
    Json json = Json::array();
    for (const CoverageItem& item : items) {
        Json one{{"id", item.id}, {"text", item.text}, {"shown", item.shown()}, {"wanted", item.wanted}};
        if (!item.refusal.empty()) one["refusal"] = item.refusal;
        if (!item.impossible.empty()) one["impossible"] = item.impossible;
        if (!item.announced.empty()) one["announced"] = item.announced;
        if (!item.values.empty()) one["values"] = item.values;
        one["witnesses"] = witnesses_json(item.witnesses);
        json.push_back(std::move(one));
    }
    return json;
}

Json cells_json(const std::vector<CoverageCell>& cells) {
    Json json = Json::array();
    for (const CoverageCell& cell : cells) {
        Json one{{"state", to_string(cell.state)}, {"event", to_string(cell.event)}, {"shown", cell.shown()}};
        if (!cell.impossible.empty()) one["impossible"] = cell.impossible;
        one["answers"] = Json::array();
        for (const CellAnswer& answer : cell.answers) {
            one["answers"].push_back(
                {{"answer", answer.answer}, {"after", answer.after}, {"witnesses", witnesses_json(answer.witnesses)}});
        }
        json.push_back(std::move(one));
    }
    return json;
}

}  // namespace

std::string coverage_json(const Coverage& coverage) {
    Json json{{"format", "tcpwitness coverage"},
              {"version", 1},
              {"runs", coverage.runs},
              {"passed", coverage.passed},
              {"kernels", coverage.kernels},
              {"claims", items_json(coverage.claims)},
              {"arcs", items_json(coverage.arcs)},
              {"cells", cells_json(coverage.cells)},
              {"sysctls", items_json(coverage.sysctls)},
              {"options", items_json(coverage.options)},
              {"differences", Json::array()}};
    for (const KernelDifference& difference : coverage.differences)
        json["differences"].push_back({{"what", difference.what}, {"kernels", difference.kernels}});
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tcpwitness
