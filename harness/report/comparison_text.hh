// Expected against observed, one above the other, with the first difference marked.
#pragma once

#include <string>

#include "report/line.hh"
#include "verdict/verdict.hh"

namespace tcpwitness {

// Two blocks of lines, "expected" and "observed", a caret under the first difference of each. Text that is wider than
// the style is shown from where the difference can be seen; of many lines, those around the difference. Empty when the
// finding has neither.
std::string comparison_text(const Finding& finding, const Style& style);

}  // namespace tcpwitness
