// How a program ended. Of a program that was started more than once, the last end counts.
#include <fmt/core.h>

#include <cstring>

#include "verdict/judge.hh"

namespace tcpwitness {
namespace {

std::string signal_text(int signal) {
    const char* name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string expected_text(const ExitExpectation& expectation) {
    if (expectation.signal) return signal_text(*expectation.signal);
    if (expectation.exit_status) return fmt::format("exit status {}", *expectation.exit_status);
    return "an end";
}

std::string observed_text(const ProgramExited& exited) {
    return exited.signal != 0 ? signal_text(exited.signal) : fmt::format("exit status {}", exited.exit_status);
}

bool as_expected(const ExitExpectation& expectation, const ProgramExited& exited) {
    if (expectation.signal) return exited.signal == *expectation.signal;
    if (expectation.exit_status) return exited.signal == 0 && exited.exit_status == *expectation.exit_status;
    return true;
}

}  // namespace

Finding judge(const Story& story, const ExitExpectation& expectation) {
    Finding finding = failed("exit", expectation.source, {});
    finding.expected = expected_text(expectation);
    const ProgramExited* last = nullptr;
    for (size_t i = 0; i < story.length; ++i) {
        const auto* exited = story.event<ProgramExited>(i);
        if (exited == nullptr || exited->program != expectation.program || exited->by_harness) continue;
        last = exited;
        finding.evidence = {i};
    }
    if (last == nullptr) {
        finding.message =
            fmt::format("{} had not ended when the story did; {} was expected", expectation.program, finding.expected);
        finding.observed = "no end";
        return finding;
    }
    finding.observed = observed_text(*last);
    finding.holds = as_expected(expectation, *last);
    if (!finding.holds) {
        finding.message =
            fmt::format("{} ended with {}; {} was expected", expectation.program, finding.observed, finding.expected);
        finding.expected_mark = finding.observed_mark = 0;
    }
    return finding;
}

}  // namespace tcpwitness
