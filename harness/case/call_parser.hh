// A step that is a system call, as strace prints it: "s = accept(l)", "bind(l, :7000) = EADDRINUSE",
// "connect(c, server:7000) = ...", "... connect(c) = ETIMEDOUT".
#pragma once

#include <optional>

#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

// Reads the call and enters what it makes into the scope. `text` is without "within ...".
std::optional<CaseCall> parse_call(const CaseProgram& program, const CaseText& text, Scope& scope);

// What a call may give: "0", ">= 1", "EPIPE", "any", "POLLIN|POLLHUP", "client:*". `call` has its arguments.
std::optional<CaseResult> parse_result(const CaseCall& call, const CaseText& text, Scope& scope);

}  // namespace tcpwitness
