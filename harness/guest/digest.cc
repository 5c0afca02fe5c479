#include "guest/digest.hh"

#include <fmt/format.h>

#include <cstring>

#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

__extension__ using Wide = unsigned __int128;  // 128 bits are no ISO C++ type

// Both halves of a 64×64-bit product folded together.
uint64_t fold(uint64_t left, uint64_t right) {
    const auto product = static_cast<Wide>(left) * right;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

void Digest::mix(uint64_t word) {
    const uint64_t low = fold(low_ ^ word, 0x9e3779b97f4a7c15);
    high_ = (high_ ^ word) * 0xd6e8feb86659fd93 + low_;
    low_ = low ^ (high_ >> 32);
}

void Digest::add(std::string_view bytes) {
    add_number(bytes.size());
    size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        uint64_t word;
        std::memcpy(&word, bytes.data() + at, 8);
        mix(word);
    }
    uint64_t tail = 0;
    std::memcpy(&tail, bytes.data() + at, bytes.size() - at);
    mix(tail);
}

void Digest::add_number(uint64_t number) { mix(number ^ 0xa4093822299f31d0); }

void Digest::add_file(const std::string& path) { add(MappedFile(path).bytes()); }

std::string Digest::hex() const {
    Digest last = *this;
    last.mix(0);
    last.mix(1);
    return fmt::format("{:016x}{:016x}", last.high_, last.low_);
}

uint64_t checksum(std::string_view bytes) {
    Digest digest;
    digest.add(bytes);
    return digest.low();
}

}  // namespace tcpwitness::guest
