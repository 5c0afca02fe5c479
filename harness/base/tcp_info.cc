#include "base/tcp_info.hh"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace tcpwitness {
namespace {

struct Field {
    std::string_view name;
    size_t offset;      // bytes
    size_t size;        // bytes
    uint8_t shift = 0;  // of a bit field inside its byte
    uint8_t bits = 0;   // 0: not a bit field
};

// Offsets as the BTF of Linux 6.18 has them; the kernel only ever appends to this struct. The last word (AccECN's
// fail mode) is left out: 6.18 has two 16-bit members there and later kernels bit fields.
constexpr Field kFields[] = {
    {"state", 0, 1},
    {"ca_state", 1, 1},
    {"retransmits", 2, 1},
    {"probes", 3, 1},
    {"backoff", 4, 1},
    {"options", 5, 1},
    {"snd_wscale", 6, 1, 0, 4},
    {"rcv_wscale", 6, 1, 4, 4},
    {"delivery_rate_app_limited", 7, 1, 0, 1},
    {"fastopen_client_fail", 7, 1, 1, 2},
    {"rto", 8, 4},
    {"ato", 12, 4},
    {"snd_mss", 16, 4},
    {"rcv_mss", 20, 4},
    {"unacked", 24, 4},
    {"sacked", 28, 4},
    {"lost", 32, 4},
    {"retrans", 36, 4},
    {"fackets", 40, 4},
    {"last_data_sent", 44, 4},
    {"last_ack_sent", 48, 4},
    {"last_data_recv", 52, 4},
    {"last_ack_recv", 56, 4},
    {"pmtu", 60, 4},
    {"rcv_ssthresh", 64, 4},
    {"rtt", 68, 4},
    {"rttvar", 72, 4},
    {"snd_ssthresh", 76, 4},
    {"snd_cwnd", 80, 4},
    {"advmss", 84, 4},
    {"reordering", 88, 4},
    {"rcv_rtt", 92, 4},
    {"rcv_space", 96, 4},
    {"total_retrans", 100, 4},
    {"pacing_rate", 104, 8},
    {"max_pacing_rate", 112, 8},
    {"bytes_acked", 120, 8},
    {"bytes_received", 128, 8},
    {"segs_out", 136, 4},
    {"segs_in", 140, 4},
    {"notsent_bytes", 144, 4},
    {"min_rtt", 148, 4},
    {"data_segs_in", 152, 4},
    {"data_segs_out", 156, 4},
    {"delivery_rate", 160, 8},
    {"busy_time", 168, 8},
    {"rwnd_limited", 176, 8},
    {"sndbuf_limited", 184, 8},
    {"delivered", 192, 4},
    {"delivered_ce", 196, 4},
    {"bytes_sent", 200, 8},
    {"bytes_retrans", 208, 8},
    {"dsack_dups", 216, 4},
    {"reord_seen", 220, 4},
    {"rcv_ooopack", 224, 4},
    {"snd_wnd", 228, 4},
    {"rcv_wnd", 232, 4},               // 6.2
    {"rehash", 236, 4},                // 6.2
    {"total_rto", 240, 2},             // 6.7
    {"total_rto_recoveries", 242, 2},  // 6.7
    {"total_rto_time", 244, 4},        // 6.7
    {"received_ce", 248, 4},           // 6.18
    {"delivered_e1_bytes", 252, 4},    // 6.18
    {"delivered_e0_bytes", 256, 4},    // 6.18
    {"delivered_ce_bytes", 260, 4},    // 6.18
    {"received_e1_bytes", 264, 4},     // 6.18
    {"received_e0_bytes", 268, 4},     // 6.18
    {"received_ce_bytes", 272, 4},     // 6.18
};

std::optional<int64_t> read_field(std::span<const std::byte> bytes, const Field& field) {
    if (bytes.size() < field.offset + field.size) return std::nullopt;
    uint64_t value = 0;
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(&value, bytes.data() + field.offset, field.size);
    if (field.bits != 0) value = value >> field.shift & ((1U << field.bits) - 1);
    constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
    return static_cast<int64_t>(std::min(value, kMost));
}

}  // namespace

std::vector<std::string> tcp_info_fields() {
    std::vector<std::string> names;
    for (const Field& field : kFields) names.emplace_back(field.name);
    return names;
}

std::optional<int64_t> tcp_info_field(std::span<const std::byte> bytes, std::string_view name) {
    constexpr std::string_view kPrefix = "tcpi_";
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    const auto* field = std::ranges::find(kFields, name, &Field::name);
    if (field == std::end(kFields)) return std::nullopt;
    return read_field(bytes, *field);
}

std::string tcp_info_text(std::span<const std::byte> bytes) {
    std::string text;
    for (const Field& field : kFields) {
        const auto value = read_field(bytes, field);
        if (value) text += fmt::format("{}{}={}", text.empty() ? "" : " ", field.name, *value);
    }
    return text;
}

}  // namespace tcpwitness
