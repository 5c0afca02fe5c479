// What await and check ask for: "client c TIME_WAIT", "client c tcp_info.retransmits >= 2", "nginx exit = 0",
// "client > server FIN", "server TcpExt.ListenDrops >= 1".
#pragma once

#include <optional>

#include "case/case.hh"
#include "case/case_text.hh"
#include "case/scope.hh"

namespace tcpwitness {

std::optional<Condition> parse_condition(const CaseText& text, Scope& scope);

}  // namespace tcpwitness
