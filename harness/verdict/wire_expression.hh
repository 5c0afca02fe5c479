// The arithmetic of a wire pattern: variables that stand for sequence numbers, bound by their first use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.hh"

namespace tcpwitness {

// What a variable stands for. Numbers are absolute; `base` turns them into what people read.
struct Binding {
    bool bound = false;
    uint32_t value = 0;
    uint32_t base = 0;  // of the initial sequence number that it counts from; 0 for plain numbers such as lengths
    size_t line = 0;    // of the pattern that bound it

    uint32_t shown() const { return value - base; }
};

using Bindings = std::vector<Binding>;  // by the number of the variable

// The names of variables and their numbers.
class Variables {
  public:
    size_t number_of(const std::string& name);
    const std::string& name_of(size_t number) const { return names_[number]; }
    size_t count() const { return names_.size(); }

  private:
    std::map<std::string, size_t> numbers_;
    std::vector<std::string> names_;
};

// An Expression with its variables numbered and its integers added up.
struct CompiledExpression {
    std::vector<std::pair<size_t, bool>> variables;  // number and whether it is taken away
    uint32_t integer = 0;                            // modulo 2^32
    std::string text;

    CompiledExpression(const Expression& expression, Variables& names);
};

enum class Solution : uint8_t {
    agrees,    // what is bound already gives the number that was seen
    bound,     // one variable got its value from it
    differs,   // what is bound already gives another number
    too_open,  // more than one variable has no value yet
};

// Whether the expression can stand for `observed`. An expression of integers only counts from `base`.
// A variable that has no value yet gets the one that makes it so, from `line` of the pattern.
Solution solve(const CompiledExpression& expression, uint32_t observed, uint32_t base, size_t line, Bindings& bindings);

// What the expression comes to with everything bound, as people read it: relative to `base`.
uint32_t shown_value(const CompiledExpression& expression, uint32_t base, const Bindings& bindings);

}  // namespace tcpwitness
