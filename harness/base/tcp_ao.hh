// TCP-AO (RFC 5925) as options of a socket have it: the structs of include/uapi/linux/tcp.h from Linux 6.7 on, which
// Debian 12's headers do not have, and the fields of TCP_AO_INFO by name.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness {

constexpr size_t kTcpAoLongestKey = 80;       // bytes: TCP_AO_MAXKEYLEN
constexpr int64_t kTcpAoHighestNumber = 255;  // of a key; one byte on the wire
constexpr size_t kTcpAoRepairSize = 16;       // struct tcp_ao_repair: snt_isn, rcv_isn, snd_sne, rcv_sne

// struct tcp_ao_add. Of its flags and reserved parts cases have no use: they are 0.
struct alignas(8) TcpAoAdd {
    sockaddr_storage addr;
    std::array<char, 64> alg_name;
    int32_t ifindex;
    uint32_t flags;
    uint16_t reserved2;
    uint8_t prefix;
    uint8_t sndid;
    uint8_t rcvid;
    uint8_t maclen;  // 0: 12, as RFC 5925 has it
    uint8_t keyflags;
    uint8_t keylen;
    std::array<char, kTcpAoLongestKey> key;
};
static_assert(sizeof(TcpAoAdd) == 288);

// struct tcp_ao_del
struct alignas(8) TcpAoDel {
    sockaddr_storage addr;
    int32_t ifindex;
    uint32_t flags;
    uint16_t reserved2;
    uint8_t prefix;
    uint8_t sndid;
    uint8_t rcvid;
    uint8_t current_key;
    uint8_t rnext;
    uint8_t keyflags;
};
static_assert(sizeof(TcpAoDel) == 144);

// struct tcp_ao_info_opt
struct alignas(8) TcpAoInfo {
    uint32_t flags;
    uint16_t reserved2;
    uint8_t current_key;
    uint8_t rnext;
    uint64_t pkt_good;
    uint64_t pkt_bad;
    uint64_t pkt_key_not_found;
    uint64_t pkt_ao_required;
    uint64_t pkt_dropped_icmp;
};
static_assert(sizeof(TcpAoInfo) == 48);

// The fields of TCP_AO_INFO that cases name, in the order of the struct: "current_key", "rnext", "ao_required", ...
// The flags set_current, set_rnext and set_counters are none: naming a field sets the one that belongs to it.
std::vector<std::string> tcp_ao_info_fields();

// The highest value that the field can have; nothing when there is no such field.
std::optional<int64_t> tcp_ao_info_most(std::string_view field);

// `value` must be 0 to tcp_ao_info_most(field), and there must be such a field.
void set_tcp_ao_info(TcpAoInfo& info, std::string_view field, int64_t value);

// "{current_key=1, rnext=1, ao_required=0, ...}"; without the keys that the kernel says it has not.
std::string tcp_ao_info_text(const TcpAoInfo& info);

}  // namespace tcpwitness
