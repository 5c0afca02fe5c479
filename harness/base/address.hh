// IP addresses and socket addresses as values, for both families.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace tcpwitness {

constexpr int64_t kHighestPort = 65535;

enum class Family : uint8_t { ipv4, ipv6 };

std::string_view to_string(Family family);  // "ipv4", "ipv6"

struct IpAddress {
    Family family = Family::ipv4;
    std::array<uint8_t, 16> bytes{};  // network order; IPv4 uses the first four

    // Reads "10.0.0.1" or "2001:db8::1"; nothing when it is neither.
    static std::optional<IpAddress> parse(std::string_view text);
    static IpAddress from_bytes(Family family, const void* bytes);
    static IpAddress any(Family family) { return IpAddress{family, {}}; }

    bool is_any() const { return *this == any(family); }
    size_t size() const { return family == Family::ipv4 ? 4 : 16; }
    // ::ffff:a.b.c.d as a.b.c.d; every other address unchanged.
    IpAddress unmapped() const;

    auto operator<=>(const IpAddress&) const = default;
};

std::string to_string(const IpAddress& address);

struct SocketAddress {
    IpAddress ip;
    uint16_t port = 0;

    // Reads "10.0.0.1:80" or "[2001:db8::1]:80".
    static std::optional<SocketAddress> parse(std::string_view text);
    static SocketAddress from_kernel(const sockaddr_storage& storage);
    // Fills `storage`, returns its length in bytes.
    socklen_t to_kernel(sockaddr_storage& storage) const;

    auto operator<=>(const SocketAddress&) const = default;
};

std::string to_string(const SocketAddress& address);  // "10.0.0.1:80", "[2001:db8::1]:80"

// In JSON: the strings above.
void to_json(nlohmann::json& json, Family family);
void from_json(const nlohmann::json& json, Family& family);
void to_json(nlohmann::json& json, const IpAddress& address);
void from_json(const nlohmann::json& json, IpAddress& address);
void to_json(nlohmann::json& json, const SocketAddress& address);
void from_json(const nlohmann::json& json, SocketAddress& address);

}  // namespace tcpwitness
