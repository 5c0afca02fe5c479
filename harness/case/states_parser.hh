// Sequences of states: "... -> FIN_WAIT_1 -> (FIN_WAIT_2 | CLOSING | ) -> TIME_WAIT[2MSL] -> CLOSED".
#pragma once

#include <optional>
#include <vector>

#include "case/case.hh"
#include "case/case_text.hh"

namespace tcpwitness {

std::optional<std::vector<CaseStateElement>> parse_states(const CaseText& text, Diagnostics& diagnostics);

// A state's name; a mistake with the nearest one when there is no such state.
std::optional<TcpState> parse_state(const CaseText& text, Diagnostics& diagnostics);

}  // namespace tcpwitness
