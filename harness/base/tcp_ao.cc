#include "base/tcp_ao.hh"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <limits>

namespace tcpwitness {
namespace {

// Bits of TcpAoInfo::flags.
constexpr uint32_t kSetCurrent = 1;
constexpr uint32_t kSetRnext = 2;
constexpr uint32_t kAoRequired = 4;
constexpr uint32_t kSetCounters = 8;
constexpr uint32_t kAcceptIcmps = 16;

struct AoField {
    std::string_view name;
    size_t offset;
    size_t size;                 // in bytes; 0: it is a flag
    uint32_t flag;               // it, or what tells the kernel to take the field
    bool may_be_absent = false;  // the kernel sets the flag where it has such a key
};

constexpr AoField kAoFields[] = {
    {"current_key", offsetof(TcpAoInfo, current_key), 1, kSetCurrent, true},
    {"rnext", offsetof(TcpAoInfo, rnext), 1, kSetRnext, true},
    {"ao_required", 0, 0, kAoRequired},
    {"accept_icmps", 0, 0, kAcceptIcmps},
    {"pkt_good", offsetof(TcpAoInfo, pkt_good), 8, kSetCounters},
    {"pkt_bad", offsetof(TcpAoInfo, pkt_bad), 8, kSetCounters},
    {"pkt_key_not_found", offsetof(TcpAoInfo, pkt_key_not_found), 8, kSetCounters},
    {"pkt_ao_required", offsetof(TcpAoInfo, pkt_ao_required), 8, kSetCounters},
    {"pkt_dropped_icmp", offsetof(TcpAoInfo, pkt_dropped_icmp), 8, kSetCounters},
};
static_assert(std::endian::native == std::endian::little);

const AoField* find_ao_field(std::string_view name) {
    const auto* field = std::ranges::find(kAoFields, name, &AoField::name);
    return field == std::end(kAoFields) ? nullptr : field;
}

std::byte* place_of(TcpAoInfo& info, const AoField& field) {
    return reinterpret_cast<std::byte*>(&info) + field.offset;
}

uint64_t value_of(TcpAoInfo info, const AoField& field) {
    if (field.size == 0) return (info.flags & field.flag) != 0 ? 1 : 0;
    uint64_t value = 0;
    std::memcpy(&value, place_of(info, field), field.size);
    return value;
}

}  // namespace

std::vector<std::string> tcp_ao_info_fields() {
    std::vector<std::string> names;
    for (const AoField& field : kAoFields) names.emplace_back(field.name);
    return names;
}

std::optional<int64_t> tcp_ao_info_most(std::string_view name) {
    const AoField* field = find_ao_field(name);
    if (field == nullptr) return std::nullopt;
    if (field->size == 0) return 1;
    return field->size == 1 ? kTcpAoHighestNumber : std::numeric_limits<int64_t>::max();
}

void set_tcp_ao_info(TcpAoInfo& info, std::string_view name, int64_t value) {
    const AoField& field = *find_ao_field(name);
    if (field.size != 0 || value != 0) info.flags |= field.flag;
    std::memcpy(place_of(info, field), &value, field.size);
}

std::string tcp_ao_info_text(const TcpAoInfo& info) {
    std::string text;
    for (const AoField& field : kAoFields) {
        if (field.may_be_absent && (info.flags & field.flag) == 0) continue;
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", field.name, value_of(info, field));
    }
    return "{" + text + "}";
}

}  // namespace tcpwitness
