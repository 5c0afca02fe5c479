// From the words of `tcpwitness try --server '…' --client '…'` to the programs of a case.
#pragma once

#include <string>
#include <vector>

#include "report/try_case.hh"

namespace tcpwitness {

// Words as a shell takes them apart: spaces between, quotes and backslashes as in sh; nothing is expanded.
// Throws Error when a quote is not closed.
std::vector<std::string> shell_words(const std::string& line);

// The program that `line` runs, named after itself, or otherwise when `taken` has that name. A word that is a file
// below the current folder is given to it as a file of its own, by a path that is right from `case_folder`; other files
// and folders are named by their full path. Throws Error when there is no such program.
TryProgram try_program(const std::string& line, const std::string& taken, const std::string& case_folder);

}  // namespace tcpwitness
