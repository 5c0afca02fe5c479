// The network's own tricks, steps of `path`: "netem(both, loss=20%)", "drop(client > server, FIN, nth=2)".
#pragma once

#include <optional>

#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

// Reads a trick. Every mistake in it goes to the scope's diagnostics.
std::optional<CasePathTrick> parse_path_trick(const CaseText& text, Scope& scope);

}  // namespace tcpwitness
