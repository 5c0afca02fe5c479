// Which files are cases.
#pragma once

#include <string>
#include <vector>

namespace tcpwitness {

// The case files among and below `paths`, sorted, each once: a file that is named counts whatever it is called; below a
// folder every *.yaml does, except in hidden folders and in those called `common`, whose files are for including.
// Throws Error naming a path that does not exist.
std::vector<std::string> case_files(const std::vector<std::string>& paths);

}  // namespace tcpwitness
