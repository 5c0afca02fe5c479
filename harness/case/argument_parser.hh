// Arguments of calls: read by their look ("8", "2s", "server:7000", "{on, 2s}"), then checked against what the call
// takes.
#pragma once

#include <optional>

#include "case/call_signature.hh"
#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

// One argument, whatever it is; a mistake when it is nothing that any call takes.
std::optional<CaseArgument> parse_argument(const CaseText& text, Scope& scope);

// Whether the argument is what the parameter takes; a mistake when not. `before` are the arguments before it.
bool check_argument(const CaseArgument& argument, Parameter parameter, const CaseText& text,
                    const std::vector<CaseArgument>& before, const std::string& program, Scope& scope);

}  // namespace tcpwitness
