#include "base/address.hh"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.hh"

namespace tcpwitness {

std::string_view to_string(Family family) {
    return family == Family::ipv4 ? "ipv4" : "ipv6";
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string copy(text);
    IpAddress address;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
    address.family = Family::ipv6;
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

IpAddress IpAddress::from_bytes(Family family, const void* bytes) {
    IpAddress address{family, {}};
    std::memcpy(address.bytes.data(), bytes, address.size());
    return address;
}

IpAddress IpAddress::unmapped() const {
    static constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (family != Family::ipv6 || !std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) return *this;
    return from_bytes(Family::ipv4, bytes.data() + kMappedPrefix.size());
}

std::string to_string(const IpAddress& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.family == Family::ipv4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view number = text.substr(colon + 1);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const std::optional<IpAddress> ip = IpAddress::parse(host);
    SocketAddress address;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), address.port);
    if (!ip || error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
    if (bracketed != (ip->family == Family::ipv6)) return std::nullopt;
    address.ip = *ip;
    return address;
}

SocketAddress SocketAddress::from_kernel(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_INET6) {
        const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
        return {IpAddress::from_bytes(Family::ipv6, &address.sin6_addr), ntohs(address.sin6_port)};
    }
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    return {IpAddress::from_bytes(Family::ipv4, &address.sin_addr), ntohs(address.sin_port)};
}

socklen_t SocketAddress::to_kernel(sockaddr_storage& storage) const {
    std::memset(&storage, 0, sizeof storage);
    if (ip.family == Family::ipv6) {
        auto& address = reinterpret_cast<sockaddr_in6&>(storage);
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        std::memcpy(&address.sin6_addr, ip.bytes.data(), sizeof address.sin6_addr);
        return sizeof address;
    }
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    std::memcpy(&address.sin_addr, ip.bytes.data(), sizeof address.sin_addr);
    return sizeof address;
}

std::string to_string(const SocketAddress& address) {
    const char* form = address.ip.family == Family::ipv6 ? "[{}]:{}" : "{}:{}";
    return fmt::format(fmt::runtime(form), to_string(address.ip), address.port);
}

void to_json(nlohmann::json& json, Family family) {
    json = std::string(to_string(family));
}

void from_json(const nlohmann::json& json, Family& family) {
    family = json.get<std::string>() == "ipv6" ? Family::ipv6 : Family::ipv4;
}

void to_json(nlohmann::json& json, const IpAddress& address) {
    json = to_string(address);
}

void from_json(const nlohmann::json& json, IpAddress& address) {
    const auto parsed = IpAddress::parse(json.get<std::string>());
    if (!parsed) throw Error("not an IP address: " + json.dump());
    address = *parsed;
}

void to_json(nlohmann::json& json, const SocketAddress& address) {
    json = to_string(address);
}

void from_json(const nlohmann::json& json, SocketAddress& address) {
    const auto parsed = SocketAddress::parse(json.get<std::string>());
    if (!parsed) throw Error("not a socket address: " + json.dump());
    address = *parsed;
}

}  // namespace tcpwitness
