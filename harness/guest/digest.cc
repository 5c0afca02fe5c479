#include "guest/digest.hh"

#define XXH_INLINE_ALL  // no shared library for guests to unpack
#include <xxhash.h>

#include <fmt/format.h>

#include "guest/mapped_file.hh"

namespace tcpwitness::guest {

struct Digest::State {
    XXH3_state_t hash;
};

Digest::Digest() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->hash); }

Digest::~Digest() = default;

void Digest::add(std::string_view bytes) {
    add_number(bytes.size());
    XXH3_128bits_update(&state_->hash, bytes.data(), bytes.size());
}

void Digest::add_number(uint64_t number) { XXH3_128bits_update(&state_->hash, &number, sizeof number); }

void Digest::add_file(const std::string& path) { add(MappedFile(path).bytes()); }

std::string Digest::hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_->hash);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

uint64_t checksum(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace tcpwitness::guest
