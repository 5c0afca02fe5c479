// Fields of struct tcp_info (include/uapi/linux/tcp.h) by name, read out of the bytes that a kernel gave.
// Older kernels give fewer bytes: a field that they do not reach is absent, never zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

// Every field without its tcpi_ prefix, in the order of the struct: "state", "ca_state", "retransmits", ...
std::vector<std::string> tcp_info_fields();

// The value of a field ("retransmits" or "tcpi_retransmits"); nothing when there is no such field or `bytes` end
// before it. Units are the kernel's: rto, ato, rtt, rttvar, min_rtt in microseconds, last_* in milliseconds.
// Values above INT64_MAX (max_pacing_rate of a socket without limit) are given as INT64_MAX.
std::optional<int64_t> tcp_info_field(std::span<const std::byte> bytes, std::string_view name);

// All fields that `bytes` reach: "state=1 ca_state=0 retransmits=0 ...".
std::string tcp_info_text(std::span<const std::byte> bytes);

}  // namespace tcpwitness
