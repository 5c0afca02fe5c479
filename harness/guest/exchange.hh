// The bytes that host and guest exchange: a range of guest memory at a fixed address that both map. The host writes one
// request before it lets the guest go on and reads one reply after the guest has ended. No interrupt, so no host time
// reaches the guest.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

// Where the range lies in the guest's memory (above its RAM, and reserved on its command line) and how large it is. A
// page is only allocated when it is written.
constexpr uint64_t kExchangeAddress = 256ull << 20;
constexpr uint64_t kExchangeBytes = 128ull << 20;
constexpr uint64_t kRequestLimit = kExchangeBytes / 2 - 4096;  // bytes of one request, and of one reply

using Seed = std::array<uint8_t, 32>;

// 32 bytes that depend on all of `number` (splitmix64).
Seed seed_from(uint64_t number);

struct GuestRequest {
    std::string kind;   // "exec" and "probe" are the agent's; every other kind goes to the handler
    std::string body;   // what the handler gets
    std::string files;  // a newc cpio to unpack over the guest's root first; may be empty
    Seed seed{};        // for all of the guest's randomness
};

enum class ReplyStatus : uint64_t { handled = 1, failed = 2 };  // failed: the body says why

struct ExchangedReply {
    ReplyStatus status = ReplyStatus::failed;
    std::string body;
};

// Fields as one string, each with its length in front; unpack_fields throws Error when `bytes` is not such a string.
std::string pack_fields(const std::vector<std::string_view>& fields);
std::vector<std::string> unpack_fields(std::string_view bytes);

// Into and out of the range that starts at `memory`. The frames end with a checksum; reading gives nothing when no
// whole frame is there. Writing throws Error when the content is over the limit.
void write_request(char* memory, const GuestRequest& request);
std::optional<GuestRequest> read_request(const char* memory);
void write_reply(char* memory, ReplyStatus status, std::string_view body);
std::optional<ExchangedReply> read_reply(const char* memory);

}  // namespace tcpwitness::guest
