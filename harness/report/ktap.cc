#include "report/ktap.hh"

#include <fmt/core.h>

#include <algorithm>

#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

// A description cannot hold '#', which begins the directive.
std::string description(const std::string& text) {
    std::string safe = safe_text(text);
    std::replace(safe.begin(), safe.end(), '#', '_');
    return safe;
}

std::string diagnostics(const std::string& text) {
    std::string lines;
    for (const std::string& line : split_lines(text)) lines += line.empty() ? "#\n" : "# " + line + "\n";
    return lines;
}

// One line, whatever the reason held.
std::string directive(std::string_view keyword, const std::string& reason) {
    return reason.empty() ? fmt::format(" # {}", keyword) : fmt::format(" # {} {}", keyword, safe_text(reason));
}

std::string tail(const Record& record) {
    switch (record.verdict.outcome) {
        case Outcome::skip:
            return directive("SKIP", record.verdict.reason);
        case Outcome::error:
            return directive("ERROR", record.verdict.reason);
        case Outcome::pass:
        case Outcome::fail:
            break;
    }
    return fmt::format(" # time={:.3f}s", std::chrono::duration<double>(record.wall).count());
}

}  // namespace

KtapReport::KtapReport(Sink sink) : sink_(std::move(sink)) {}

void KtapReport::run_began(const RunBegan& began) {
    sink_(fmt::format("KTAP version 1\n1..{}\n", began.total));
    if (!began.machine.empty()) sink_(diagnostics(safe_text(began.machine)));
}

void KtapReport::case_ended(const Record& record) {
    const Outcome outcome = record.verdict.outcome;
    const bool ok = outcome == Outcome::pass || outcome == Outcome::skip;
    sink_(diagnostics(failure_text(record, Style{.width = 98})));
    sink_(fmt::format("{} {} {}{}\n", ok ? "ok" : "not ok", ++number_, description(record.plan.id), tail(record)));
}

// The totals as kselftest's ksft_finished() writes them.
void KtapReport::run_ended(const Summary& summary) {
    if (summary.not_run > 0) {
        sink_(fmt::format("# stopped by {}: {} not run\n", safe_text(summary.interrupted), summary.not_run));
    }
    sink_(fmt::format("# Totals: pass:{} fail:{} xfail:0 xpass:0 skip:{} error:{}\n", summary.passed, summary.failed,
                      summary.skipped, summary.errors));
}

}  // namespace tcpwitness
