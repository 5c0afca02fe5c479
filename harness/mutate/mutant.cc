#include "mutate/mutant.hh"

#include <fmt/core.h>

#include "mutate/changes.hh"

namespace tcpwitness {
namespace {

Relation opposite(Relation relation) {
    switch (relation) {
        case Relation::equal:
            return Relation::not_equal;
        case Relation::not_equal:
            return Relation::equal;
        case Relation::less:
            return Relation::at_least;
        case Relation::at_most:
            return Relation::greater;
        case Relation::greater:
            return Relation::at_most;
        case Relation::at_least:
            break;
    }
    return Relation::less;
}

}  // namespace

std::vector<Mutant> mutants_of(const Plan& plan) {
    std::vector<Mutant> mutants;
    change_steps(plan, mutants);
    change_states(plan, mutants);
    change_wire(plan, mutants);
    change_conditions(plan, mutants);
    return mutants;
}

Plan mutated(const Plan& plan, const Mutant& mutant) {
    Plan changed = plan;
    mutant.apply(changed);
    return changed;
}

Comparison other_comparison(const Comparison& comparison) {
    if (comparison.relation == Relation::equal) return {Relation::equal, comparison.value + 1};
    return {opposite(comparison.relation), comparison.value};
}

std::vector<DurationRange> other_ranges(const DurationRange& range) {
    if (range.most == Duration::max()) return {{Duration::zero(), range.least}};
    if (range.least == Duration::zero()) return {{range.most, Duration::max()}};
    return {{range.least * 2, range.most * 2}, {range.least / 2, range.most / 2}};
}

std::string range_words(const DurationRange& range) {
    if (range.least == range.most) return format_duration(range.least);
    return (range.least == Duration::zero() ? "" : format_duration(range.least)) + ".." +
           (range.most == Duration::max() ? "" : format_duration(range.most));
}

std::string is_now(const std::string& before, const std::string& after) {
    return fmt::format("{} is {}", before, after);
}

}  // namespace tcpwitness
