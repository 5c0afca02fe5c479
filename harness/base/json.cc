#include "base/json.hh"

#include "base/error.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t taken = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < taken ? static_cast<uint8_t>(bytes[i + k]) : 0);
        for (size_t k = 0; k < 4; ++k) text += k <= taken ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

std::string base64_decode(std::string_view text) {
    std::string bytes;
    uint32_t group = 0;
    int bits = 0;
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    for (const char letter : text) {
        const size_t value = kAlphabet.find(letter);
        if (value == std::string_view::npos) throw Error("not base64: " + std::string(text.substr(0, 40)));
        group = group << 6 | static_cast<uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 255);
        }
    }
    return bytes;
}

}  // namespace tcpwitness
