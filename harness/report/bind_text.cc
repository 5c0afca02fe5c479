#include "report/bind_text.hh"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#include <vector>

#include "base/error.hh"
#include "report/bind_words.hh"

namespace tcpwitness {
namespace {

constexpr int kStateWidth = 13;
constexpr size_t kMostGroups = 12;  // of one kind that are shown in full

// Sockets that differ in nothing but their peer and their time.
struct Group {
    std::vector<size_t> sockets;
    size_t last = 0;  // the one that stays longest
};

class BindText {
  public:
    BindText(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer, const BindSight& sight,
             const Style& style)
        : wanted_(wanted), machine_(machine), answer_(answer), sight_(sight), style_(style) {}

    std::string text() {
        headline();
        if (answer_.refusal != BindRefusal::none) paragraph(kIndent, refusal_text(wanted_, machine_, answer_.refusal));
        sockets("in the way", Certainty::yes);
        sockets("perhaps in the way", Certainty::depends);
        sockets("also on the port, not in the way", Certainty::no);
        remedies();
        notes();
        evidence();
        return text_;
    }

  private:
    void paragraph(int indent, const std::string& words) {
        for (const std::string& line : wrap(words, std::max(40, style_.width - indent), style_.utf8))
            text_ += fmt::format("{:{}}{}\n", "", indent, line);
    }

    void heading(const std::string& words) { text_ += "\n" + paint(words, Tone::bold, style_) + "\n"; }

    void headline() {
        const std::string call = fmt::format("bind({})", to_string(wanted_.address));
        const std::string error =
            answer_.error == 0 ? "" : fmt::format("{} ({})", errno_name(answer_.error), strerrordesc_np(answer_.error));
        if (answer_.works == Certainty::yes)
            text_ += paint(call + (answer_.may_hide_a_socket ? " would work, as far as can be seen" : " would work"),
                           Tone::good, style_);
        else if (answer_.works == Certainty::no)
            text_ += paint(fmt::format("{} would fail: {}", call, error), Tone::bad, style_);
        else
            text_ +=
                paint(fmt::format("{} would work or fail with {}: that depends on what cannot be seen", call, error),
                      Tone::warning, style_);
        text_ += "\n";
        std::string asked =
            fmt::format("asked for a socket of user {} with SO_REUSEADDR {}, SO_REUSEPORT {}", user_text(wanted_.user),
                        wanted_.reuse_address ? "on" : "off", wanted_.reuse_port ? "on" : "off");
        if (wanted_.address.ip.family == Family::ipv6)
            asked += fmt::format(", IPV6_V6ONLY {}", wanted_.v6_only ? "on" : "off");
        paragraph(kIndent, asked);
    }

    std::vector<Group> groups(Certainty certainty) const {
        std::vector<Group> found;
        using Key =
            std::tuple<TcpState, bool, Family, IpAddress, unsigned, bool, BindOptions, std::vector<SocketOwner>>;
        std::map<Key, size_t> places;
        for (size_t index = 0; index < answer_.conflicts.size(); ++index) {
            if (answer_.conflicts[index].certainty != certainty) continue;
            const HeldSocket& socket = machine_.sockets[index];
            const Key key{socket.state,   socket.mini_socket,
                          socket.family,  socket.local.ip,
                          socket.user,    socket.remote.has_value(),
                          socket.options, socket.owners.empty() ? socket.owners : std::vector{socket.owners.front()}};
            const auto [place, is_new] = places.try_emplace(key, found.size());
            if (is_new) found.push_back({.last = index});
            Group& group = found[place->second];
            group.sockets.push_back(index);
            if (socket.left > machine_.sockets[group.last].left) group.last = index;
        }
        return found;
    }

    void sockets(const std::string& title, Certainty certainty) {
        const std::vector<Group> found = groups(certainty);
        if (found.empty()) return;
        heading(title);
        for (size_t index = 0; index < std::min(found.size(), kMostGroups); ++index) show(found[index]);
        if (found.size() > kMostGroups)
            paragraph(kIndent, fmt::format("and {} more kinds of sockets", found.size() - kMostGroups));
    }

    void show(const Group& group) {
        const HeldSocket& socket = machine_.sockets[group.last];
        std::string first = fmt::format("{:{}}", to_string(socket.state), kStateWidth) + to_string(socket.local);
        if (socket.remote) first += " to " + to_string(*socket.remote);
        if (group.sockets.size() > 1) first += fmt::format(" and {} more like it", group.sockets.size() - 1);
        paragraph(kIndent, first);
        constexpr int kInner = kIndent + kStateWidth;
        paragraph(kInner, owners_text(socket) + time_text(socket, group.sockets.size()));
        paragraph(kInner, options_text(socket));
        paragraph(kInner, reason_text(wanted_, socket, answer_.conflicts[group.last]));
    }

    static std::string time_text(const HeldSocket& socket, size_t count) {
        if (!socket.left) return {};
        const std::string left = left_text(*socket.left);
        if (socket.state == TcpState::fin_wait_2)
            return fmt::format(" for {} unless the other end closes, then in TIME_WAIT", left);
        return fmt::format("{} for another {} of 60", count > 1 ? ", the last one" : "", left);
    }

    void remedies() {
        if (answer_.works == Certainty::yes || answer_.refusal != BindRefusal::none || wanted_.address.port == 0)
            return;
        heading("what would have helped");
        for (const Remedy& remedy : answer_.remedies) paragraph(kIndent, remedy_text(remedy));
        if (!answer_.remedies.empty() && has_held_change() && all_without_process())
            paragraph(kIndent,
                      "What is in the way has no process any more: its options can only be right the next time.");
        if (answer_.wait)
            paragraph(kIndent, fmt::format("or waiting: {} from now nothing of it is left", left_text(*answer_.wait)));
        if (answer_.remedies.empty()) paragraph(kIndent, "no option of these sockets");
    }

    bool has_held_change() const {
        return std::any_of(answer_.remedies.begin(), answer_.remedies.end(), [](const Remedy& remedy) {
            return std::any_of(remedy.begin(), remedy.end(),
                               [](const OptionChange& change) { return change.whose == OptionChange::Whose::held; });
        });
    }

    bool all_without_process() const {
        for (size_t index = 0; index < answer_.conflicts.size(); ++index) {
            if (answer_.conflicts[index].certainty != Certainty::no && machine_.sockets[index].inode != 0) return false;
        }
        return true;
    }

    void notes() {
        std::vector<std::string> notes;
        if (wanted_.address.port == 0)
            notes.push_back(
                fmt::format("The kernel would choose one of {}-{} (net.ipv4.ip_local_port_range); {} of them are free "
                            "and not reserved.",
                            machine_.local_ports.low, machine_.local_ports.high, answer_.free_ports));
        if (!answer_.rivals.empty())
            notes.push_back(fmt::format(
                "{} on the port is idle and may share it: whoever calls listen() first gets the port, the other's "
                "listen() fails with EADDRINUSE.",
                answer_.rivals.size() == 1 ? "One socket" : fmt::format("Each of {} sockets", answer_.rivals.size())));
        else if (answer_.works == Certainty::yes && wanted_.address.port != 0)
            notes.emplace_back("listen() would then work too.");
        const uint16_t port = wanted_.address.port;
        if (port >= machine_.local_ports.low && port <= machine_.local_ports.high &&
            !is_in_port_list(machine_.reserved_ports, port))
            notes.push_back(
                fmt::format("{} lies in net.ipv4.ip_local_port_range and is not in ip_local_reserved_ports: any "
                            "outgoing connection may get it as its own port.",
                            port));
        if (notes.empty()) return;
        text_ += "\n";
        for (const std::string& note : notes) paragraph(kIndent, note);
    }

    void evidence() {
        heading("what this rests on");
        paragraph(kIndent,
                  fmt::format("kernel {}: sock_diag, /proc, settings and the kernel's rules; no bind() was made",
                              sight_.kernel));
        if (answer_.refusal != BindRefusal::none || wanted_.address.port == 0) return;
        if (sight_.options_refused.empty())
            paragraph(kIndent, "options: read from the kernel (BPF iterator) and of the sockets themselves");
        else
            paragraph(kIndent, fmt::format("options: asked of sockets whose process lets this user; those without a "
                                           "process cannot be asked ({})",
                                           sight_.options_refused));
        if (sight_.closed_processes > 0)
            paragraph(kIndent, fmt::format("not seen: the files of {} of {} processes (as root they are)",
                                           sight_.closed_processes, sight_.processes));
        if (!sight_.lists_idle)
            paragraph(kIndent, fmt::format("sockets that are bound and do nothing else: this kernel lists none (6.8 "
                                           "and later do); they were looked for in the files of processes{}",
                                           machine_.sees_idle_sockets ? "" : ", not all of which could be seen"));
        if (answer_.works == Certainty::yes)
            paragraph(kIndent, "not asked: security modules and cgroup programs, which may refuse any bind()");
    }

    const WantedBind& wanted_;
    const BindMachine& machine_;
    const BindAnswer& answer_;
    const BindSight& sight_;
    const Style& style_;
    std::string text_;
};

}  // namespace

std::string bind_text(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                      const BindSight& sight, const Style& style) {
    return BindText(wanted, machine, answer, sight, style).text();
}

}  // namespace tcpwitness
