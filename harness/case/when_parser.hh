// `when`: conditions on the kernel and the family, and alternatives that depend on them.
#pragma once

#include <optional>
#include <vector>

#include "case/case.hh"
#include "case/case_text.hh"

namespace tcpwitness {

// "kernel >= 6.14", "family = ipv6", "clock = virtual", "sysctl net.ipv4.tcp_tw_reuse_delay", "no sysctl ...", joined
// by "and" and "or".
std::optional<When> parse_when(const CaseText& text, Diagnostics& diagnostics);

// One part of "A when X else B when Y else C", not yet read.
struct Clause {
    CaseText wanted;
    std::optional<When> when;
};

// Splits at "else" and "when". An alternative behind one without `when` could never be reached: a mistake.
std::vector<Clause> parse_clauses(const CaseText& text, Diagnostics& diagnostics);

// Reads every alternative with `parse`, which takes a CaseText and gives an optional. Those with mistakes are left out.
template <typename Parse>
auto parse_choice(const CaseText& text, Diagnostics& diagnostics, Parse parse)
    -> Choice<typename decltype(parse(text))::value_type> {
    Choice<typename decltype(parse(text))::value_type> choice;
    for (const Clause& clause : parse_clauses(text, diagnostics)) {
        auto wanted = parse(clause.wanted);
        if (wanted) choice.push_back({std::move(*wanted), clause.when});
    }
    return choice;
}

}  // namespace tcpwitness
