#include <fmt/core.h>

#include <algorithm>

#include "report/failure_text.hh"
#include "report/reporter.hh"

namespace tcpwitness {
namespace {

// What runs have in common: what a reason says in brackets at its end is of the one run.
std::string common_part(const std::string& reason) {
    return reason.empty() ? "no reason given" : reason.substr(0, reason.find(" ("));
}

}  // namespace

void Summary::add(const Record& record) {
    switch (record.verdict.outcome) {
        case Outcome::pass:
            ++passed;
            return;
        case Outcome::fail:
            ++failed;
            break;
        case Outcome::error:
            ++errors;
            break;
        case Outcome::skip:
            ++skipped;
            ++skip_reasons[common_part(record.verdict.reason)];
            return;
    }
    failed_cases.push_back(display_name(record.plan));
}

std::string total_line(const Summary& summary) {
    std::string text = fmt::format("{} passed, {} failed, {} skipped", summary.passed, summary.failed, summary.skipped);
    if (summary.errors > 0) text += fmt::format(", {} {}", summary.errors, summary.errors == 1 ? "error" : "errors");
    return text + " in " + seconds_text(summary.wall);
}

std::string again_line(const Summary& summary) {
    if (summary.made_again == 0) return {};
    return fmt::format("{} {} made again, because observers lost records", summary.made_again,
                       summary.made_again == 1 ? "run was" : "runs were");
}

std::string skip_line(const Summary& summary) {
    if (summary.skip_reasons.empty()) return {};
    std::vector<std::pair<std::string, size_t>> reasons(summary.skip_reasons.begin(), summary.skip_reasons.end());
    std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text = fmt::format("{} skipped: ", summary.skipped);
    for (size_t i = 0; i < reasons.size(); ++i) {
        text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", reasons[i].first, reasons[i].second);
    }
    return text;
}

}  // namespace tcpwitness
