#include "guest/exchange.hh"

#include <fmt/format.h>

#include <cstring>

#include "base/error.hh"
#include "guest/digest.hh"

namespace tcpwitness::guest {
namespace {

constexpr uint64_t kRequestMagic = 0x7477726571756573;
constexpr uint64_t kReplyMagic = 0x74777265706c7921;
constexpr size_t kReplyOffset = kExchangeBytes / 2;
constexpr size_t kContentOffset = 4096;

struct FrameHeader {
    uint64_t magic = 0;
    uint64_t status = 0;
    uint64_t content_bytes = 0;
    uint64_t content_checksum = 0;
    uint64_t header_checksum = 0;  // of the four above

    uint64_t own_checksum() const { return checksum({reinterpret_cast<const char*>(this), 4 * sizeof(uint64_t)}); }
};

// Whole words, because a guest's memcpy may choose a byte-wise instruction that a software processor runs slowly.
void copy_words(char* to, const char* from, size_t bytes) {
    size_t at = 0;
    for (; at + 8 <= bytes; at += 8) {
        uint64_t word;
        std::memcpy(&word, from + at, 8);
        std::memcpy(to + at, &word, 8);
        asm volatile("" ::: "memory");
    }
    for (; at < bytes; ++at) to[at] = from[at];
}

void write_frame(char* memory, uint64_t magic, uint64_t status, std::string_view content, const char* what) {
    if (content.size() > kRequestLimit)
        throw Error(fmt::format("the {} of {} bytes is over the limit of {} bytes", what, content.size(), kRequestLimit));
    FrameHeader header{magic, status, content.size(), checksum(content), 0};
    header.header_checksum = header.own_checksum();
    copy_words(memory + kContentOffset, content.data(), content.size());
    copy_words(memory, reinterpret_cast<const char*>(&header), sizeof header);
}

std::optional<std::pair<FrameHeader, std::string>> read_frame(const char* memory, uint64_t magic) {
    FrameHeader header;
    std::memcpy(&header, memory, sizeof header);
    if (header.magic != magic || header.header_checksum != header.own_checksum()) return std::nullopt;
    if (header.content_bytes > kRequestLimit) return std::nullopt;
    std::string content(header.content_bytes, '\0');
    copy_words(content.data(), memory + kContentOffset, content.size());
    if (checksum(content) != header.content_checksum) return std::nullopt;
    return std::pair{header, std::move(content)};
}

}  // namespace

Seed seed_from(uint64_t number) {
    Seed seed;
    for (size_t i = 0; i < seed.size(); i += 8) {
        number += 0x9e3779b97f4a7c15;
        uint64_t word = number;
        word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
        word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
        word ^= word >> 31;
        std::memcpy(seed.data() + i, &word, 8);
    }
    return seed;
}

std::string pack_fields(const std::vector<std::string_view>& fields) {
    std::string bytes;
    for (const std::string_view field : fields) {
        const uint64_t size = field.size();
        bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
        bytes.append(field);
    }
    return bytes;
}

std::vector<std::string> unpack_fields(std::string_view bytes) {
    std::vector<std::string> fields;
    while (!bytes.empty()) {
        uint64_t size = 0;
        if (bytes.size() < sizeof size) throw Error("damaged message: a field's length is cut off");
        std::memcpy(&size, bytes.data(), sizeof size);
        bytes.remove_prefix(sizeof size);
        if (size > bytes.size()) throw Error("damaged message: a field is cut off");
        fields.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return fields;
}

void write_request(char* memory, const GuestRequest& request) {
    const std::string_view seed(reinterpret_cast<const char*>(request.seed.data()), request.seed.size());
    const std::string content = pack_fields({request.kind, request.body, request.files, seed});
    write_frame(memory, kRequestMagic, 0, content, "request");
}

std::optional<GuestRequest> read_request(const char* memory) {
    auto frame = read_frame(memory, kRequestMagic);
    if (!frame) return std::nullopt;
    std::vector<std::string> fields = unpack_fields(frame->second);
    GuestRequest request;
    if (fields.size() != 4 || fields[3].size() != request.seed.size()) return std::nullopt;
    std::memcpy(request.seed.data(), fields[3].data(), request.seed.size());
    request.kind = std::move(fields[0]);
    request.body = std::move(fields[1]);
    request.files = std::move(fields[2]);
    return request;
}

void write_reply(char* memory, ReplyStatus status, std::string_view body) {
    write_frame(memory + kReplyOffset, kReplyMagic, static_cast<uint64_t>(status), body, "reply");
}

std::optional<ExchangedReply> read_reply(const char* memory) {
    auto frame = read_frame(memory + kReplyOffset, kReplyMagic);
    if (!frame) return std::nullopt;
    return ExchangedReply{static_cast<ReplyStatus>(frame->first.status), std::move(frame->second)};
}

}  // namespace tcpwitness::guest
