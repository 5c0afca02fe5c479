// Patterns of segments: "SYN ACK seq=q ack=p+1 mss=1460 no ts ?".
#pragma once

#include <optional>
#include <set>
#include <string>

#include "case/case.hh"
#include "case/case_text.hh"

namespace tcpwitness {

// Reads what stands behind "client > server:". `known` are the variables that patterns before this one bind; those of
// this one are added. A sum with two unknown variables is a mistake: no segment could tell their values.
std::optional<CaseSegment> parse_segment_pattern(const CaseText& text, std::set<std::string>& known,
                                                 Diagnostics& diagnostics);

// "n+s+1", "-5", "1000"
std::optional<Expression> parse_expression(const CaseText& text, Diagnostics& diagnostics);

}  // namespace tcpwitness
