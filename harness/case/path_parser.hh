// The network's own tricks, steps of `path`: "netem(both, loss=20%)", "drop(client > server, FIN, nth=2)".
#pragma once

#include <optional>

#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

// Reads a trick and checks its function's name, its direction and flags and the names of its parameters.
std::optional<CasePathTrick> parse_path_trick(const CaseText& text, Scope& scope);

}  // namespace tcpwitness
