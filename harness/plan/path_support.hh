// What the tricks of `path` ask of a machine.
#pragma once

#include <string>
#include <vector>

#include "base/path_trick.hh"

namespace tcpwitness {

// The features that the machine must have for it. Faults of single segments need none: path forwards in user space.
std::vector<std::string> features_of(const PathTrick& trick);

}  // namespace tcpwitness
