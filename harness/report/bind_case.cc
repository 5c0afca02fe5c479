#include "report/bind_case.hh"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/error.hh"
#include "report/bind_words.hh"

namespace tcpwitness {
namespace {

constexpr unsigned kOtherUser = 65534;

bool is_mapped(const IpAddress& address) {
    return address.unmapped().family != address.family;
}

// An address of the stage's server that stands for one of this machine.
std::string stage_address(const IpAddress& address, uint16_t port, bool same) {
    if (address.is_any()) return fmt::format(":{}", port);
    if (is_mapped(address) && address.unmapped().is_any()) return fmt::format("[::ffff:0.0.0.0]:{}", port);
    if (!same) return (is_mapped(address) ? "[::ffff:127.0.0.1]:" : "localhost:") + std::to_string(port);
    return (is_mapped(address) ? "mapped(server):" : "server:") + std::to_string(port);
}

class CaseText {
  public:
    CaseText(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer)
        : wanted_(wanted), machine_(machine), answer_(answer), old_(most_telling()) {}

    std::string text(const std::string& kernel) {
        std::string steps;
        if (old_ != nullptr) old_steps();
        new_steps();
        for (const std::string& step : steps_) steps += "  - " + step + "\n";
        return fmt::format("case: {}\nabout: {}\ntags: [bind]\n{}{}{}steps:\n{}", title(), about(kernel), rows(),
                           hosts(), programs(), steps);
    }

  private:
    uint16_t port() const { return wanted_.address.port; }

    const HeldSocket* most_telling() const {
        for (const Certainty certainty : {Certainty::yes, Certainty::depends, Certainty::no}) {
            for (size_t index = 0; index < answer_.conflicts.size(); ++index) {
                const bool idle_first = certainty == Certainty::no && !answer_.rivals.empty();
                if (idle_first && machine_.sockets[index].state != TcpState::closed) continue;
                if (answer_.conflicts[index].certainty == certainty) return &machine_.sockets[index];
            }
        }
        return nullptr;
    }

    Conflict conflict() const {
        if (old_ == nullptr) return {};
        return answer_.conflicts[static_cast<size_t>(old_ - machine_.sockets.data())];
    }

    std::string title() const {
        const std::string what = fmt::format(
            "bind to {} port {}",
            wanted_.address.ip.is_any() ? "the wildcard address," : to_string(wanted_.address.ip) + ",", port());
        if (old_ == nullptr) return what;
        return fmt::format("{} with a socket in {}", what, to_string(old_->state));
    }

    std::string about(const std::string& kernel) const {
        return fmt::format("Written by tcpwitness why-bind on kernel {}.", kernel);
    }

    // The unobserved options that decide, each way.
    std::string rows() {
        const std::vector<BindFlag> flags = conflict().depends_on;
        if (flags.empty()) return {};
        std::string text = "vary:\n";
        for (unsigned choice = 0; choice < 1U << flags.size(); ++choice) {
            HeldSocket assumed = *old_;
            for (auto* option : {&assumed.options.reuse_address, &assumed.options.reuse_port, &assumed.options.v6_only})
                *option = option->value_or(false);
            std::vector<std::string> columns;
            for (size_t bit = 0; bit < flags.size(); ++bit) {
                const bool on = (choice >> bit & 1U) != 0;
                (flags[bit] == BindFlag::reuse_address ? assumed.options.reuse_address
                 : flags[bit] == BindFlag::reuse_port  ? assumed.options.reuse_port
                                                       : assumed.options.v6_only) = on;
                columns.push_back(fmt::format("{}: {}", column(flags[bit]), on ? 1 : 0));
            }
            const bool fails = conflict_between(wanted_, assumed).certainty == Certainty::yes;
            text += fmt::format("  - {{{}, outcome: {}}}\n", fmt::join(columns, ", "), fails ? "EADDRINUSE" : "0");
        }
        return text;
    }

    static std::string column(BindFlag flag) {
        return flag == BindFlag::reuse_address ? "reuseaddr" : flag == BindFlag::reuse_port ? "reuseport" : "v6only";
    }

    std::string hosts() const {
        std::vector<std::string> settings;
        if (answer_.refusal == BindRefusal::port_privileged || (port() < 1024 && other_users()))
            settings.push_back(fmt::format("net.ipv4.ip_unprivileged_port_start: {}",
                                           other_users() ? 0 : machine_.first_unprivileged_port));
        return settings.empty() ? "" : fmt::format("hosts:\n  server: {{sysctl: {{{}}}}}\n", fmt::join(settings, ", "));
    }

    // Whether it matters that the sockets belong to different users.
    bool other_users() const {
        return old_ != nullptr && wanted_.reuse_port && old_->options.reuse_port.value_or(true) && !old_->mini_socket &&
               old_->user != wanted_.user;
    }

    std::string programs() const {
        std::string text = "programs:\n";
        if (old_ != nullptr)
            text +=
                fmt::format("  first: {{on: server{}}}\n", other_users() ? fmt::format(", user: {}", kOtherUser) : "");
        const bool unprivileged = answer_.refusal == BindRefusal::port_privileged;
        return text +
               fmt::format("  second: {{on: server{}}}\n", unprivileged ? fmt::format(", user: {}", kOtherUser) : "");
    }

    void add(std::string step) { steps_.push_back(std::move(step)); }

    void option(const std::string& call, BindFlag flag, bool on) {
        if (on) add(fmt::format("{}, SOL_SOCKET, {}, 1)", call, option_name(flag)));
    }

    // An option of the old socket: as seen, or as the row says.
    void old_option(BindFlag flag, const std::optional<bool>& known) {
        const std::vector<BindFlag> flags = conflict().depends_on;
        const bool varies = std::find(flags.begin(), flags.end(), flag) != flags.end();
        const std::string level = flag == BindFlag::v6_only ? "IPPROTO_IPV6" : "SOL_SOCKET";
        if (varies)
            add(fmt::format("first: setsockopt(l, {}, {}, ${})", level, option_name(flag), column(flag)));
        else if (known.value_or(false) || flag == BindFlag::v6_only)
            add(fmt::format("first: setsockopt(l, {}, {}, {})", level, option_name(flag),
                            known.value_or(false) ? 1 : 0));
    }

    // What the listener of an accepted socket was bound to: the wildcard, where the accepted one's IPV6_V6ONLY needs
    // it.
    IpAddress old_bound_to() const {
        if (!old_->remote) return old_->local.ip;
        const bool specific = old_->options.v6_only == true && !is_mapped(old_->local.ip);
        return old_->family == Family::ipv6 && specific ? old_->local.ip : IpAddress::any(old_->family);
    }

    void old_steps() {
        const bool v6 = old_->family == Family::ipv6;
        add(fmt::format("first: l = socket({})", to_string(old_->family)));
        old_option(BindFlag::reuse_address, old_->options.reuse_address);
        old_option(BindFlag::reuse_port, old_->options.reuse_port);
        const IpAddress address = old_bound_to();
        if (v6 && address.is_any()) old_option(BindFlag::v6_only, old_->options.v6_only);
        add(fmt::format("first: bind(l, {})", stage_address(address, port(), true)));
        if (old_->state == TcpState::closed) return;
        if (old_->state == TcpState::syn_sent) {
            add("path: blackhole(server > client)");
            add(fmt::format("first: connect(l, {}:7) = ...", is_mapped(old_->local.ip) ? "mapped(client)" : "client"));
            add(fmt::format("await: server :{} SYN_SENT", port()));
            return;
        }
        add("first: listen(l, 8)");
        if (old_->state != TcpState::listen) connection();
    }

    void connection() {
        const std::string_view family = to_string(old_->local.ip.unmapped().family);
        add(fmt::format("client: c = socket({})", family));
        add(fmt::format("client: connect(c, server.{}:{})", family, port()));
        add("first: s = accept(l)");
        add("first: close(l)");
        const std::string close = old_->inode == 0 ? "first: close(s)" : "first: shutdown(s, SHUT_WR)";
        const std::string there =
            fmt::format("await: server :{} {}", port(),
                        to_string(old_->state == TcpState::closing ? TcpState::fin_wait_1 : old_->state));
        switch (old_->state) {
            case TcpState::fin_wait_1:
            case TcpState::closing:  // the rule is the same
                add("path: blackhole(server > client)");
                add(close);
                break;
            case TcpState::fin_wait_2:
                add(close);
                break;
            case TcpState::close_wait:
                add("client: close(c)");
                break;
            case TcpState::last_ack:
                add("client: close(c)");
                add("await: first s CLOSE_WAIT");
                add("path: blackhole(server > client)");
                add("first: close(s)");
                break;
            case TcpState::time_wait:
                add("first: close(s)");
                add("client: recv(c) = 0");
                add("client: close(c)");
                break;
            default:
                return;
        }
        add(there);
    }

    // An address that the stage's server does not have.
    std::string foreign_address() const {
        if (wanted_.address.ip.family == Family::ipv4) return "203.0.113.1";
        return is_mapped(wanted_.address.ip) ? "[::ffff:203.0.113.1]" : "[2001:db8::1]";
    }

    std::string new_address() const {
        switch (answer_.refusal) {
            case BindRefusal::address_not_local:
                return foreign_address() + ":" + std::to_string(port());
            case BindRefusal::none:
            case BindRefusal::port_privileged: {
                const bool same = old_ == nullptr || old_->local.ip.unmapped() == wanted_.address.ip.unmapped() ||
                                  conflict().certainty != Certainty::no || old_->local.ip.unmapped().is_any() ||
                                  old_->local.ip.unmapped().family != wanted_.address.ip.unmapped().family;
                return stage_address(wanted_.address.ip, port(), same);
            }
            default:
                return to_string(wanted_.address);
        }
    }

    void new_steps() {
        add(fmt::format("second: new = socket({})", to_string(wanted_.address.ip.family)));
        option("second: setsockopt(new", BindFlag::reuse_address, wanted_.reuse_address);
        option("second: setsockopt(new", BindFlag::reuse_port, wanted_.reuse_port);
        if (wanted_.address.ip.family == Family::ipv6)
            add(fmt::format("second: setsockopt(new, IPPROTO_IPV6, IPV6_V6ONLY, {})", wanted_.v6_only ? 1 : 0));
        const std::string bind = fmt::format("second: bind(new, {})", new_address());
        if (answer_.works == Certainty::depends)
            return add(bind + (conflict().depends_on.empty() ? " = any" : " = $outcome"));
        if (answer_.works == Certainty::no) return add(fmt::format("{} = {}", bind, errno_name(answer_.error)));
        add(bind);
        add("second: listen(new, 8)");
        if (!answer_.rivals.empty()) add("first: listen(l, 8) = EADDRINUSE");
    }

    const WantedBind& wanted_;
    const BindMachine& machine_;
    const BindAnswer& answer_;
    const HeldSocket* old_;
    std::vector<std::string> steps_;
};

}  // namespace

std::optional<std::string> bind_case(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                                     const std::string& kernel) {
    const bool no_stage = wanted.address.port == 0 || wanted.interface != 0 ||
                          answer.refusal == BindRefusal::address_tentative ||
                          (machine.nonlocal_bind && !machine.address_is_local);
    if (no_stage) return std::nullopt;
    return CaseText(wanted, machine, answer).text(kernel);
}

}  // namespace tcpwitness
