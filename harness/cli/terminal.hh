// What the output of this program goes to, and how reports should look on it.
#pragma once

#include <string>

#include "report/line.hh"
#include "report/reporter.hh"

namespace tcpwitness {

// The style for standard output: the terminal's width (COLUMNS, else asked of the terminal, else `fallback`), colour on a
// terminal unless NO_COLOR is set, UTF-8 when the locale is. `colour` is "auto", "always" or "never".
Style output_style(const std::string& colour, int fallback);

// The same for standard error.
Style error_style();

// Whether it is a terminal that lines can be redrawn on.
bool output_is_terminal();
bool error_is_terminal();

// Write at once.
Sink standard_output();
Sink standard_error();

// A sink that writes the file `path` anew. Throws SystemError when it cannot be made.
Sink file_output(const std::string& path);

}  // namespace tcpwitness
