#include "base/expression.hh"

#include <fmt/core.h>

namespace tcpwitness {

std::string to_string(const Expression& expression) {
    std::string text;
    for (const Term& term : expression) {
        if (term.negative) {
            text += '-';
        } else if (!text.empty()) {
            text += '+';
        }
        text += term.variable.empty() ? fmt::format("{}", term.integer) : term.variable;
    }
    return text;
}

}  // namespace tcpwitness
