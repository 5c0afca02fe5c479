// Whether bytes are UTF-8 (RFC 3629): case files and everything that goes into JSON as text must be.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tcpwitness {

// The offset of the first byte that is not part of a well-formed UTF-8 character; nothing when all are.
std::optional<size_t> first_invalid_utf8(std::string_view bytes);

}  // namespace tcpwitness
