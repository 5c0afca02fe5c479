#include "base/utf8.hh"

#include <cstdint>

namespace tcpwitness {
namespace {

// Bytes of the character that begins with `first`; 0 when none does (RFC 3629 section 4).
size_t character_size(uint8_t first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (first >= 0xe0 && first <= 0xef) return 3;
    if (first >= 0xf0 && first <= 0xf4) return 4;
    return 0;
}

// The second byte's range is narrower after these: overlong forms, surrogates, beyond U+10FFFF.
bool second_byte_fits(uint8_t first, uint8_t second) {
    if (first == 0xe0) return second >= 0xa0;
    if (first == 0xed) return second <= 0x9f;
    if (first == 0xf0) return second >= 0x90;
    if (first == 0xf4) return second <= 0x8f;
    return true;
}

bool is_continuation(uint8_t byte) {
    return (byte & 0xc0) == 0x80;
}

}  // namespace

std::optional<size_t> first_invalid_utf8(std::string_view bytes) {
    const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
    for (size_t i = 0; i < bytes.size();) {
        const size_t size = character_size(at(i));
        if (size == 0 || i + size > bytes.size()) return i;
        for (size_t k = 1; k < size; ++k) {
            if (!is_continuation(at(i + k))) return i;
        }
        if (size > 1 && !second_byte_fits(at(i), at(i + 1))) return i;
        i += size;
    }
    return std::nullopt;
}

}  // namespace tcpwitness
