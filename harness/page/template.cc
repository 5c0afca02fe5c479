#include "page/template.hh"

#include <fmt/core.h>

#include "base/error.hh"

namespace tcpwitness {

void fill_in(std::string& text, std::string_view place, const std::string& with) {
    const size_t at = text.find(place);
    if (at == std::string::npos) throw Error(fmt::format("the page's source has no {}", place));
    text.replace(at, place.size(), with);
}

}  // namespace tcpwitness
