// Judging a recorded run again: the same Timeline, today's matchers.
#pragma once

#include <string>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

struct Judgement {
    Verdict verdict;                       // as evaluate() gives it now
    std::vector<std::string> differences;  // from the recorded verdict, one sentence each; empty: the same
};

Judgement judge_again(const Record& record);

// What differs between two verdicts on one run, a sentence each: the outcome, the reason, every finding that changed.
std::vector<std::string> compare_verdicts(const Verdict& recorded, const Verdict& now);

}  // namespace tcpwitness
