#include "base/icmp_error.hh"

#include <fmt/core.h>

#include <array>

#include "base/error.hh"

namespace tcpwitness {
namespace {

struct Entry {
    std::string_view name;
    std::string_view alias;         // as ICMPv6 calls it; may be empty
    std::optional<IcmpError> ipv4;  // RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1
    std::optional<IcmpError> ipv6;  // RFC 4443 section 3
};

constexpr std::array<Entry, 14> kErrors{{
    {"net unreachable", "no route", IcmpError{3, 0}, IcmpError{1, 0}},
    {"host unreachable", "address unreachable", IcmpError{3, 1}, IcmpError{1, 3}},
    {"protocol unreachable", "unrecognized next header", IcmpError{3, 2, true}, IcmpError{4, 1, true}},
    {"port unreachable", "", IcmpError{3, 3, true}, IcmpError{1, 4, true}},
    {"fragmentation needed", "packet too big", IcmpError{3, 4, false, true}, IcmpError{2, 0, false, true}},
    {"source route failed", "", IcmpError{3, 5}, {}},
    {"net unknown", "", IcmpError{3, 6}, {}},
    {"host unknown", "", IcmpError{3, 7}, {}},
    {"net prohibited", "", IcmpError{3, 9}, IcmpError{1, 1}},
    {"host prohibited", "", IcmpError{3, 10}, IcmpError{1, 1}},
    {"administratively prohibited", "prohibited", IcmpError{3, 13}, IcmpError{1, 1}},
    {"time exceeded", "hop limit exceeded", IcmpError{11, 0}, IcmpError{3, 0}},
    {"parameter problem", "", IcmpError{12, 0}, IcmpError{4, 0}},
    {"source quench", "", IcmpError{4, 0}, {}},
}};

}  // namespace

std::optional<IcmpError> find_icmp_error(std::string_view name, Family family) {
    for (const Entry& each : kErrors) {
        if (each.name != name && (each.alias.empty() || each.alias != name)) continue;
        const std::optional<IcmpError>& error = family == Family::ipv4 ? each.ipv4 : each.ipv6;
        if (!error) throw Unsupported(fmt::format("ICMPv6 has no '{}'", name));
        return error;
    }
    return std::nullopt;
}

std::vector<std::string> icmp_error_names() {
    std::vector<std::string> names;
    for (const Entry& each : kErrors) {
        names.emplace_back(each.name);
        if (!each.alias.empty()) names.emplace_back(each.alias);
    }
    return names;
}

}  // namespace tcpwitness
