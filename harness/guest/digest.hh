// A 128-bit content digest, for snapshot keys and for noticing half-written or damaged files. Fast (a few GB/s) and
// well mixed, but not cryptographic: what it reads lies in the user's own cache.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tcpwitness::guest {

class Digest {
  public:
    // Adds bytes. Fields are told apart: add("ab"), add("c") differs from add("a"), add("bc").
    void add(std::string_view bytes);
    void add_number(uint64_t number);
    // Adds the content of a file, by mapping it. Throws SystemError.
    void add_file(const std::string& path);

    // 32 hexadecimal digits.
    std::string hex() const;
    uint64_t low() const { return low_; }

  private:
    void mix(uint64_t word);

    uint64_t low_ = 0x243f6a8885a308d3;   // digits of pi
    uint64_t high_ = 0x13198a2e03707344;
};

// The low 64 bits of the digest of `bytes`.
uint64_t checksum(std::string_view bytes);

}  // namespace tcpwitness::guest
