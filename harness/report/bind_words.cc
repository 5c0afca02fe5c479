#include "report/bind_words.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace tcpwitness {
namespace {

std::string on_or_off(const std::optional<bool>& option) {
    if (!option) return "unknown";
    return *option ? "on" : "off";
}

std::string why_no_owner(const HeldSocket& socket) {
    if (socket.inode != 0)
        return fmt::format("a process that this user may not look at (of user {}), or one of the kernel's own",
                           user_text(socket.user));
    if (socket.mini_socket) return "no process: the kernel keeps it";
    const bool unaccepted = socket.state == TcpState::established || socket.state == TcpState::close_wait ||
                            socket.state == TcpState::syn_rcvd;
    return unaccepted ? "no process yet: it waits to be accepted" : "no process: the kernel ends the connection";
}

std::string depends_text(const std::vector<BindFlag>& flags) {
    if (flags.empty())
        return "Whether it is in the way depends on the kernel: Linux 6.1 and 6.6 with the updates of April 2026 overlook "
               "a socket on ::ffff:0.0.0.0 here.";
    std::vector<std::string> names;
    for (const BindFlag flag : flags) names.push_back(option_name(flag));
    return fmt::format("Whether it is in the way depends on its {}, which could not be seen.",
                       fmt::join(names, " and its "));
}

std::string conflict_reason(const WantedBind& wanted, const HeldSocket& socket) {
    if (wanted.reuse_port && socket.options.reuse_port.value_or(false) && !socket.mini_socket &&
        socket.user != wanted.user)
        return fmt::format("Both have SO_REUSEPORT, but they belong to different users: {} and {}.",
                           user_text(socket.user), user_text(wanted.user));
    if (socket.state == TcpState::listen) return "A listening socket shares its port by SO_REUSEPORT on both only.";
    if (!wanted.reuse_address && !wanted.reuse_port)
        return "This socket has neither SO_REUSEADDR nor SO_REUSEPORT; sharing takes one of them on both.";
    if (wanted.reuse_address && socket.options.reuse_address == false)
        return "It has no SO_REUSEADDR; that takes both sockets, and an accepted one has it from its listener.";
    return "It does not have the option that this socket has; sharing takes the same one on both.";
}

std::string sharing_reason(const WantedBind& wanted, const HeldSocket& socket) {
    if (!addresses_meet(wanted, socket).value_or(true))
        return wanted.interface != 0 && socket.interface != 0 && wanted.interface != socket.interface ? "It is bound "
                                                                                                        "to another "
                                                                                                        "interface."
                                                                                                      : "Its address "
                                                                                                        "is another.";
    const bool by_address =
        wanted.reuse_address && socket.options.reuse_address.value_or(false) && socket.state != TcpState::listen;
    return by_address ? "Both have SO_REUSEADDR, and it does not listen." : "Both have SO_REUSEPORT.";
}

}  // namespace

std::string option_name(BindFlag flag) {
    switch (flag) {
        case BindFlag::reuse_address:
            return "SO_REUSEADDR";
        case BindFlag::reuse_port:
            return "SO_REUSEPORT";
        default:
            return "IPV6_V6ONLY";
    }
}

std::string user_text(unsigned user) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
        return std::to_string(user);
    return fmt::format("{} ({})", found->pw_name, user);
}

std::string left_text(Duration left) {
    const double seconds = std::chrono::duration<double>(left).count();
    return seconds < 120 ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.0f} min", seconds / 60);
}

std::string owners_text(const HeldSocket& socket) {
    if (socket.owners.empty()) return why_no_owner(socket);
    const SocketOwner& first = socket.owners.front();
    std::string text = fmt::format("{} (pid {}, descriptor {})", first.name, first.process, first.descriptor);
    if (socket.owners.size() > 1) text += fmt::format(" and {} more", socket.owners.size() - 1);
    return text + ", user " + user_text(socket.user);
}

std::string options_text(const HeldSocket& socket) {
    std::string text = fmt::format("SO_REUSEADDR {}, SO_REUSEPORT {}", on_or_off(socket.options.reuse_address),
                                   on_or_off(socket.options.reuse_port));
    if (socket.family == Family::ipv6) text += ", IPV6_V6ONLY " + on_or_off(socket.options.v6_only);
    return text;
}

std::string reason_text(const WantedBind& wanted, const HeldSocket& socket, const Conflict& conflict) {
    if (conflict.certainty == Certainty::depends) return depends_text(conflict.depends_on);
    if (conflict.certainty == Certainty::yes) return conflict_reason(wanted, socket);
    return sharing_reason(wanted, socket);
}

std::string refusal_text(const WantedBind& wanted, const BindMachine& machine, BindRefusal refusal) {
    const bool ipv6 = wanted.address.ip.unmapped().family == Family::ipv6;
    const std::string address = to_string(wanted.address.ip);
    switch (refusal) {
        case BindRefusal::address_not_local:
            return fmt::format("{} is no address of this host, and net.{}.ip_nonlocal_bind is 0.", address,
                               ipv6 ? "ipv6" : "ipv4");
        case BindRefusal::address_tentative:
            return fmt::format(
                "{} is an address of this host, but tentative: duplicate address detection has not ended or has "
                "failed. "
                "IPV6_FREEBIND on this socket or net.ipv6.ip_nonlocal_bind 1 would let it bind already.",
                address);
        case BindRefusal::port_privileged:
            return fmt::format(
                "Port {} is below net.ipv4.ip_unprivileged_port_start ({}) and user {} has no CAP_NET_BIND_SERVICE in "
                "the "
                "user namespace that owns this network.",
                wanted.address.port, machine.first_unprivileged_port, user_text(wanted.user));
        case BindRefusal::multicast:
            return "A TCP socket cannot be bound to an IPv6 multicast address.";
        case BindRefusal::mapped_but_v6_only:
            return "An IPv4 address inside IPv6 is for sockets with IPV6_V6ONLY off.";
        case BindRefusal::scope_missing:
            return fmt::format("A link-local address needs its interface: [{}%eth0]:{}.", address, wanted.address.port);
        case BindRefusal::interface_missing:
            return fmt::format("There is no interface with the index {}.", wanted.interface);
        default:
            return {};
    }
}

std::string remedy_text(const Remedy& remedy) {
    using Whose = OptionChange::Whose;
    std::vector<std::string> parts;
    for (const BindFlag flag : {BindFlag::reuse_address, BindFlag::reuse_port, BindFlag::v6_only}) {
        const bool wanted = remedy.contains({Whose::wanted, flag});
        const bool held = remedy.contains({Whose::held, flag});
        if (!wanted && !held) continue;
        const std::string_view where = wanted && held ? "on this socket and on what is in the way"
                                       : wanted       ? "on this socket"
                                                      : "on what is in the way";
        parts.push_back(fmt::format("{} {}", option_name(flag), where));
    }
    return fmt::format("{}", fmt::join(parts, ", with "));
}

}  // namespace tcpwitness
