// The sources of pages have places like @STYLE@ that are filled in when a page is made.
#pragma once

#include <string>
#include <string_view>

namespace tcpwitness {

// Puts `with` at the first `place`. Throws Error when there is none.
void fill_in(std::string& text, std::string_view place, const std::string& with);

}  // namespace tcpwitness
