// The changes by subject, and what they share. Only mutate/ uses it.
#pragma once

#include "mutate/mutant.hh"

namespace tcpwitness {

void change_steps(const Plan& plan, std::vector<Mutant>& mutants);
void change_states(const Plan& plan, std::vector<Mutant>& mutants);
void change_wire(const Plan& plan, std::vector<Mutant>& mutants);
// timewait, sockets, counters, spacing and exits.
void change_conditions(const Plan& plan, std::vector<Mutant>& mutants);

// "= 2" becomes "= 3"; every other comparison becomes its opposite: ">= 2" becomes "< 2".
Comparison other_comparison(const Comparison& comparison);

// A range that the observed duration should not be in: twice and half of one with two ends, the other side of one with
// one end.
std::vector<DurationRange> other_ranges(const DurationRange& range);
std::string range_words(const DurationRange& range);  // "300ms..4s", "..2s", "2s.."

// "A is B"
std::string is_now(const std::string& before, const std::string& after);

}  // namespace tcpwitness
