// Sums of variables and integers on the right of seq=, ack= and len=: "n+s+1".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tcpwitness {

// A variable or an integer, added or taken away.
struct Term {
    bool negative = false;
    std::string variable;  // empty: `integer`
    int64_t integer = 0;
};

// Variables stand for absolute numbers. An expression without variables is relative to the initial sequence number
// of the end that sent the byte it counts (seq: the sender's, ack: the receiver's).
using Expression = std::vector<Term>;

std::string to_string(const Expression& expression);

}  // namespace tcpwitness
