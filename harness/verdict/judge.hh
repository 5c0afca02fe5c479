// One pure function for each kind of expectation. evaluate() calls them; each is in a file of its own.
#pragma once

#include <vector>

#include "verdict/story.hh"

namespace tcpwitness {

// Every step that says something: a call whose result was said or was not as it should be, an await, a check, a step
// that broke off. The steps that were not reached share one finding.
std::vector<Finding> judge_steps(const Story& story);

Finding judge(const Story& story, const StatesExpectation& expectation);
Finding judge(const Story& story, const std::vector<WirePattern>& wire);
Finding judge(const Story& story, const TimeWaitExpectation& expectation);
Finding judge(const Story& story, const SocketsExpectation& expectation);
Finding judge(const Story& story, const CounterExpectation& expectation);
Finding judge(const Story& story, const SpacingExpectation& expectation);
Finding judge(const Story& story, const DataExpectation& expectation);
Finding judge(const Story& story, const ExitExpectation& expectation);

}  // namespace tcpwitness
