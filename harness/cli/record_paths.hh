// The record files that words of a command line stand for.
#pragma once

#include <string>
#include <vector>

namespace tcpwitness {

// The record files that a word of the command line stands for: the file itself, the *.json of a folder, or of its folder
// records/. In the order of their names; empty for a folder without any. Throws Error when there is no such path.
std::vector<std::string> record_files(const std::string& path);

// A file stands for itself, a folder for the records in it, and the --out folder of a run for those in its records/.
// In the order of their names. Throws Error naming a path that does not exist or a folder without records.
std::vector<std::string> record_paths(const std::vector<std::string>& words);

}  // namespace tcpwitness
