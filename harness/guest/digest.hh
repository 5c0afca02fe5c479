// A 128-bit content digest (XXH3), for snapshot keys and for noticing half-written or damaged files. Not cryptographic:
// what it reads lies in the user's own cache.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tcpwitness::guest {

class Digest {
  public:
    Digest();
    ~Digest();

    // Adds bytes. Fields are told apart: add("ab"), add("c") differs from add("a"), add("bc").
    void add(std::string_view bytes);
    void add_number(uint64_t number);
    // Adds the content of a file, by mapping it. Throws SystemError.
    void add_file(const std::string& path);

    // 32 hexadecimal digits.
    std::string hex() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// A 64-bit checksum of `bytes`.
uint64_t checksum(std::string_view bytes);

}  // namespace tcpwitness::guest
