#include "page/coverage_data.hh"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tcpwitness {
namespace {

using Json = nlohmann::ordered_json;

Json ids_of(const std::vector<Witness>& witnesses) {
    Json ids = Json::array();
    for (const Witness& witness : witnesses) ids.push_back(witness.run);
    return ids;
}

Json claims(const Coverage& coverage) {
    const bool any = std::any_of(coverage.claims.begin(), coverage.claims.end(),
                                 [](const CoverageItem& claim) { return claim.shown() || !claim.announced.empty(); });
    Json json = Json::array();
    if (!any) return json;
    for (const CoverageItem& claim : coverage.claims)
        json.push_back({{"id", claim.id},
                        {"text", claim.text},
                        {"runs", ids_of(claim.witnesses)},
                        {"announced", claim.announced.size()}});
    return json;
}

// Of many runs that showed the same one is named.
Json answers(const CoverageCell& cell) {
    Json json = Json::array();
    for (const CellAnswer& answer : cell.answers)
        json.push_back({{"answer", answer.answer},
                        {"after", answer.after},
                        {"run", answer.witnesses.front().run},
                        {"runs", answer.witnesses.size()}});
    return json;
}

Json cell_data(const CoverageCell& cell, const Coverage& coverage) {
    if (!cell.impossible.empty()) return {{"impossible", cell.impossible}};
    Json json{{"answers", answers(cell)}};
    for (const KernelDifference& difference : coverage.differences) {
        if (difference.what == cell_name(cell.state, cell.event)) json["kernels"] = difference.kernels;
    }
    return json;
}

// One for each state, with its cells in the order of the events.
Json states(const Coverage& coverage) {
    Json json = Json::array();
    for (const CoverageCell& cell : coverage.cells) {
        if (cell.event == TableEvent::close)
            json.push_back({{"state", to_string(cell.state)}, {"cells", Json::array()}});
        json.back()["cells"].push_back(cell_data(cell, coverage));
    }
    return json;
}

Json events() {
    Json json = Json::array();
    for (size_t event = 0; event < kTableEvents; ++event) json.push_back(to_string(static_cast<TableEvent>(event)));
    return json;
}

}  // namespace

std::string coverage_data(const Coverage& coverage) {
    const auto count = [&coverage](auto test) {
        return std::count_if(coverage.cells.begin(), coverage.cells.end(), test);
    };
    const auto shown = count([](const CoverageCell& cell) { return cell.shown(); });
    const Json json{{"claims", claims(coverage)},
                    {"events", events()},
                    {"states", shown == 0 ? Json::array() : states(coverage)},
                    {"shown", shown},
                    {"possible", count([](const CoverageCell& cell) { return cell.impossible.empty(); })}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tcpwitness
