// What this version of the harness can do of the tricks of `path`.
#pragma once

#include <string>
#include <vector>

#include "case/case.hh"

namespace tcpwitness {

// What of the trick cannot be done on any kernel, named; empty when all of it can.
std::vector<std::string> missing_of(const CasePathTrick& trick);

// The features that the machine must have for it.
std::vector<std::string> features_of(const CasePathTrick& trick);

}  // namespace tcpwitness
