#include <array>
#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {
namespace {

// No mark is null.
nlohmann::json mark_to_json(size_t mark) {
    return mark == std::string::npos ? nlohmann::json(nullptr) : nlohmann::json(mark);
}

size_t mark_from_json(const nlohmann::json& json) {
    return json.is_null() ? std::string::npos : json.get<size_t>();
}

Outcome outcome_from_text(const std::string& text) {
    for (const Outcome outcome : {Outcome::pass, Outcome::fail, Outcome::skip, Outcome::error}) {
        if (to_string(outcome) == text) return outcome;
    }
    throw Error("no verdict is called '" + text + "'");
}

}  // namespace

void to_json(nlohmann::json& json, const Finding& finding) {
    json = {{"holds", finding.holds},
            {"undecided", finding.undecided},
            {"kind", finding.kind},
            {"source", finding.source},
            {"message", finding.message},
            {"expected", finding.expected},
            {"observed", finding.observed},
            {"expected_mark", mark_to_json(finding.expected_mark)},
            {"observed_mark", mark_to_json(finding.observed_mark)},
            {"evidence", finding.evidence}};
}

void from_json(const nlohmann::json& json, Finding& finding) {
    json.at("holds").get_to(finding.holds);
    json.at("undecided").get_to(finding.undecided);
    json.at("kind").get_to(finding.kind);
    json.at("source").get_to(finding.source);
    json.at("message").get_to(finding.message);
    json.at("expected").get_to(finding.expected);
    json.at("observed").get_to(finding.observed);
    finding.expected_mark = mark_from_json(json.at("expected_mark"));
    finding.observed_mark = mark_from_json(json.at("observed_mark"));
    json.at("evidence").get_to(finding.evidence);
}

std::string verdict_to_json(const Verdict& verdict) {
    const nlohmann::json json = {{"outcome", std::string(to_string(verdict.outcome))},
                                 {"reason", verdict.reason},
                                 {"findings", verdict.findings}};
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Verdict verdict_from_json(const std::string& text) {
    try {
        const auto json = nlohmann::json::parse(text);
        Verdict verdict;
        verdict.outcome = outcome_from_text(json.at("outcome").get<std::string>());
        json.at("reason").get_to(verdict.reason);
        json.at("findings").get_to(verdict.findings);
        return verdict;
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not the JSON of a Verdict: ") + error.what());
    }
}

}  // namespace tcpwitness
