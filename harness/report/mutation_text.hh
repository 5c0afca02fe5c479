// What `tcpwitness mutate` says: the changes that nobody noticed, by line of the case.
#pragma once

#include <string>

#include "mutate/mutations.hh"
#include "report/line.hh"

namespace tcpwitness {

std::string mutation_text(const Mutations& mutations, const Style& style);

// One JSON object: {"format": "tcpwitness mutations", "version": 1, "survivors": [...], ...}.
std::string mutation_json(const Mutations& mutations);

}  // namespace tcpwitness
