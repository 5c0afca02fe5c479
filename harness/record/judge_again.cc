#include "record/judge_again.hh"

#include <fmt/core.h>

#include <algorithm>

namespace tcpwitness {
namespace {

std::string where(const Finding& finding) {
    return fmt::format("{} ({})", to_string(finding.source.position), finding.kind);
}

std::string_view then(const Finding& finding) {
    return finding.undecided ? "was undecided" : finding.holds ? "held" : "did not hold";
}

std::string_view today(const Finding& finding) {
    return finding.undecided ? "is undecided" : finding.holds ? "holds" : "does not";
}

std::string compare_finding(const Finding& recorded, const Finding& now) {
    if (recorded.source.position != now.source.position || recorded.kind != now.kind) {
        return fmt::format("the finding at {} was not there before; {} was", where(now), where(recorded));
    }
    if (recorded.holds != now.holds || recorded.undecided != now.undecided) {
        return fmt::format("{} {} before and {} now{}", where(now), then(recorded), today(now),
                           now.message.empty() ? "" : ": " + now.message);
    }
    if (recorded.message != now.message) {
        return fmt::format("{} said \"{}\" before and says \"{}\" now", where(now), recorded.message, now.message);
    }
    if (recorded.observed != now.observed || recorded.expected != now.expected) {
        return fmt::format(
            "{} is described differently: expected \"{}\", observed \"{}\" before; expected \"{}\", observed "
            "\"{}\" now",
            where(now), recorded.expected, recorded.observed, now.expected, now.observed);
    }
    return {};
}

}  // namespace

std::vector<std::string> compare_verdicts(const Verdict& recorded, const Verdict& now) {
    std::vector<std::string> differences;
    if (recorded.outcome != now.outcome) {
        differences.push_back(
            fmt::format("the outcome was {} and is {} now", to_string(recorded.outcome), to_string(now.outcome)));
    }
    if (recorded.reason != now.reason) {
        differences.push_back(fmt::format("the reason was \"{}\" and is \"{}\" now", recorded.reason, now.reason));
    }
    const size_t common = std::min(recorded.findings.size(), now.findings.size());
    for (size_t i = 0; i < common; ++i) {
        std::string difference = compare_finding(recorded.findings[i], now.findings[i]);
        if (!difference.empty()) differences.push_back(std::move(difference));
    }
    for (size_t i = common; i < recorded.findings.size(); ++i) {
        differences.push_back("the finding at " + where(recorded.findings[i]) + " is gone");
    }
    for (size_t i = common; i < now.findings.size(); ++i) {
        differences.push_back("the finding at " + where(now.findings[i]) + " is new");
    }
    return differences;
}

Judgement judge_again(const Record& record) {
    Judgement judgement{evaluate(record.plan, record.timeline), {}};
    judgement.differences = compare_verdicts(record.verdict, judgement.verdict);
    return judgement;
}

}  // namespace tcpwitness
