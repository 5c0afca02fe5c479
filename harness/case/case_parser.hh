// Case files to Cases: everything is read and checked before anything runs, and every mistake is told at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.hh"
#include "case/case.hh"

namespace tcpwitness {

// Reads the text of a case file. `file` is its path: positions name it, and other files are relative to it.
// Nothing is returned when there was any mistake; all of them are in `diagnostics`.
std::optional<Case> parse_case(std::string_view content, const std::string& file, Diagnostics& diagnostics);

// The same for a file on disk; a file that cannot be read or is too large is a mistake too.
std::optional<Case> load_case(const std::string& file, Diagnostics& diagnostics);

}  // namespace tcpwitness
