// Endpoints: an address and a port as a case spells them.
#include <fmt/core.h>

#include "case/text_scanner.hh"
#include "case/value_parser.hh"

namespace tcpwitness {
namespace {

constexpr std::string_view kAddressForms =
    "write 'server:7000', ':7000' (any address), '127.0.0.1:7000', '[::1]:7000', 'localhost:7000', 'server.ipv6:7000' "
    "or 'mapped(server):7000'";

// The port behind the last colon; false and a mistake when it is none.
bool read_port(const CaseText& port, bool any_port, Endpoint& endpoint, Diagnostics& diagnostics) {
    if (port.text() == "*" && any_port) return true;
    const std::optional<int64_t> number = parse_integer(port.text());
    if (!number || *number < 0 || *number > kHighestPort) {
        diagnostics.add(port.at(0), fmt::format("'{}' is not a port", port.text()), "ports are 0 to 65535");
        return false;
    }
    endpoint.port = static_cast<uint16_t>(*number);
    return true;
}

// "server", "server.ipv6"
bool read_host_name(const CaseText& text, Endpoint& endpoint, Scope& scope) {
    std::string name = text.text();
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const std::string suffix = fmt::format(".{}", to_string(family));
        if (!name.ends_with(suffix)) continue;
        name.resize(name.size() - suffix.size());
        endpoint.family = family;
    }
    if (name == "localhost") {
        endpoint.kind = Endpoint::Host::loopback;
        return true;
    }
    endpoint.kind = Endpoint::Host::named;
    endpoint.host = name;
    if (scope.has_host(name)) return true;
    std::vector<std::string> names = scope.host_names();
    names.emplace_back("localhost");
    const CaseProgram* program = scope.find_program(name);
    if (program != nullptr) {
        scope.diagnostics().add(text.at(0), fmt::format("'{}' is a program, not a host", name),
                                fmt::format("it runs on {}", program->host));
    } else {
        add_unknown(scope.diagnostics(), text.at(0), "host", name, names);
    }
    return false;
}

bool read_literal(std::string_view text, Endpoint& endpoint) {
    const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    const std::optional<IpAddress> ip = IpAddress::parse(text);
    if (!ip || bracketed != (ip->family == Family::ipv6)) return false;
    endpoint.kind = Endpoint::Host::literal;
    endpoint.ip = *ip;
    endpoint.family = ip->family;
    return true;
}

// "mapped(server)", "mapped(127.0.0.1)"
bool read_mapped(const CaseText& inside, Endpoint& endpoint, Scope& scope) {
    endpoint.mapped = true;
    const bool good = read_literal(inside.text(), endpoint) || read_host_name(inside, endpoint, scope);
    if (good && endpoint.family == Family::ipv6) {
        scope.diagnostics().add(inside.at(0), "only an IPv4 address can be mapped into IPv6");
        return false;
    }
    endpoint.family = Family::ipv4;
    return good;
}

bool read_host(const CaseText& host, Endpoint& endpoint, Scope& scope) {
    const std::string& text = host.text();
    constexpr std::string_view kMapped = "mapped(";
    if (text.empty() || text == "*") return true;
    if (text.starts_with(kMapped) && text.ends_with(')')) {
        return read_mapped(host.part(kMapped.size(), text.size() - kMapped.size() - 1), endpoint, scope);
    }
    if (read_literal(text, endpoint)) return true;
    const std::string letters = TextScanner(host).take_name(".");
    if (letters.size() == text.size()) return read_host_name(host, endpoint, scope);
    scope.diagnostics().add(host.at(0), fmt::format("'{}' is not an address", text), std::string(kAddressForms));
    return false;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(const CaseText& text, bool any_port, Scope& scope) {
    const size_t colon = text.text().rfind(':');
    if (colon == std::string::npos) {
        scope.diagnostics().add(text.at(0), fmt::format("'{}' is not an address with a port", text.text()),
                                std::string(kAddressForms));
        return std::nullopt;
    }
    Endpoint endpoint;
    const bool host = read_host(text.part(0, colon), endpoint, scope);
    const bool port = read_port(text.part(colon + 1), any_port, endpoint, scope.diagnostics());
    if (!host || !port) return std::nullopt;
    return endpoint;
}

}  // namespace tcpwitness
