#include "verdict/wire_expression.hh"

namespace tcpwitness {

size_t Variables::number_of(const std::string& name) {
    const auto [place, fresh] = numbers_.try_emplace(name, names_.size());
    if (fresh) names_.push_back(name);
    return place->second;
}

CompiledExpression::CompiledExpression(const Expression& expression, Variables& names) : text(to_string(expression)) {
    for (const Term& term : expression) {
        if (!term.variable.empty()) {
            variables.emplace_back(names.number_of(term.variable), term.negative);
        } else {
            const auto value = static_cast<uint32_t>(term.integer);
            integer += term.negative ? 0 - value : value;
        }
    }
}

namespace {

uint32_t with_sign(uint32_t number, bool negative) {
    return negative ? 0 - number : number;
}

}  // namespace

Solution solve(const CompiledExpression& expression, uint32_t observed, uint32_t base, size_t line,
               Bindings& bindings) {
    const std::pair<size_t, bool>* open = nullptr;
    uint32_t sum = expression.integer;
    uint32_t sum_of_bases = 0;
    for (const auto& variable : expression.variables) {
        const Binding& binding = bindings[variable.first];
        if (!binding.bound) {
            if (open != nullptr) return Solution::too_open;
            open = &variable;
            continue;
        }
        sum += with_sign(binding.value, variable.second);
        sum_of_bases += with_sign(binding.base, variable.second);
    }
    if (expression.variables.empty()) sum += base;
    if (open == nullptr) return sum == observed ? Solution::agrees : Solution::differs;
    bindings[open->first] = {true, with_sign(observed - sum, open->second),
                             with_sign(base - sum_of_bases, open->second), line};
    return Solution::bound;
}

uint32_t shown_value(const CompiledExpression& expression, uint32_t base, const Bindings& bindings) {
    uint32_t sum = expression.integer;
    if (expression.variables.empty()) return sum;
    for (const auto& [number, negative] : expression.variables) sum += with_sign(bindings[number].value, negative);
    return sum - base;
}

}  // namespace tcpwitness
