// The pages' HTML, CSS and JavaScript: the files of harness/page/web, embedded when the program is built.
#pragma once

#include <string_view>

namespace tcpwitness {

extern const std::string_view kPageHtml;  // with @STYLE@, @SCRIPT@, @OVERVIEW@ and @CASES@ to be replaced
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;  // all files in the order of CMakeLists.txt, one scope

extern const std::string_view kTuningHtml;  // with places that tuning_page() fills in
extern const std::string_view kTuningStyle;
extern const std::string_view kTuningScript;

}  // namespace tcpwitness
