// A record that the command line names.
#pragma once

#include <optional>
#include <string>

#include "record/record.hh"

namespace tcpwitness {

// Reads it; says why not on standard error when that cannot be.
std::optional<Record> read_or_complain(const std::string& path);

}  // namespace tcpwitness
