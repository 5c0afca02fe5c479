#include <algorithm>

#include "bind/bind_answer.hh"

namespace tcpwitness {
namespace {

using Whose = OptionChange::Whose;

constexpr OptionChange kChanges[] = {
    {Whose::wanted, BindFlag::reuse_address}, {Whose::held, BindFlag::reuse_address},
    {Whose::wanted, BindFlag::reuse_port},    {Whose::held, BindFlag::reuse_port},
    {Whose::wanted, BindFlag::v6_only},       {Whose::held, BindFlag::v6_only},
};

bool is_wildcard6(const IpAddress& address) {
    return address.family == Family::ipv6 && address.is_any();
}

void apply(WantedBind& wanted, BindFlag flag) {
    if (flag == BindFlag::reuse_address) wanted.reuse_address = true;
    if (flag == BindFlag::reuse_port) wanted.reuse_port = true;
    if (flag == BindFlag::v6_only) wanted.v6_only = wanted.v6_only || is_wildcard6(wanted.address.ip);
}

void apply(HeldSocket& held, BindFlag flag) {
    if (flag == BindFlag::reuse_address) held.options.reuse_address = true;
    if (flag == BindFlag::reuse_port) held.options.reuse_port = true;
    // An accepted socket has it from a listener on the wildcard address.
    if (flag == BindFlag::v6_only && held.family == Family::ipv6 && held.local.ip.unmapped().family == Family::ipv6)
        held.options.v6_only = true;
}

bool helps(const Remedy& remedy, WantedBind wanted, const std::vector<HeldSocket>& in_the_way) {
    for (const OptionChange& change : remedy) {
        if (change.whose == Whose::wanted) apply(wanted, change.flag);
    }
    return std::all_of(in_the_way.begin(), in_the_way.end(), [&](HeldSocket held) {
        for (const OptionChange& change : remedy) {
            if (change.whose == Whose::held) apply(held, change.flag);
        }
        return conflict_between(wanted, held).certainty == Certainty::no;
    });
}

// Those that differ in anything that the rules look at.
std::vector<HeldSocket> kinds_of(const std::vector<HeldSocket>& sockets) {
    std::vector<HeldSocket> kinds;
    for (const HeldSocket& socket : sockets) {
        const bool known = std::any_of(kinds.begin(), kinds.end(), [&](const HeldSocket& kind) {
            return kind.family == socket.family && kind.local == socket.local && kind.user == socket.user &&
                   kind.mini_socket == socket.mini_socket && kind.interface == socket.interface &&
                   kind.options == socket.options &&
                   (kind.state == TcpState::listen) == (socket.state == TcpState::listen);
        });
        if (!known) kinds.push_back(socket);
    }
    return kinds;
}

}  // namespace

std::vector<Remedy> remedies_for(const WantedBind& wanted, const std::vector<HeldSocket>& in_the_way) {
    const std::vector<HeldSocket> kinds = kinds_of(in_the_way);
    std::vector<Remedy> all;
    for (unsigned choice = 1; choice < 1U << std::size(kChanges); ++choice) {
        Remedy remedy;
        for (size_t bit = 0; bit < std::size(kChanges); ++bit) {
            if ((choice >> bit & 1U) != 0) remedy.insert(kChanges[bit]);
        }
        all.push_back(std::move(remedy));
    }
    std::stable_sort(all.begin(), all.end(), [](const Remedy& a, const Remedy& b) { return a.size() < b.size(); });
    std::vector<Remedy> smallest;
    for (const Remedy& remedy : all) {
        const bool more_than_needed = std::any_of(smallest.begin(), smallest.end(), [&](const Remedy& enough) {
            return std::includes(remedy.begin(), remedy.end(), enough.begin(), enough.end());
        });
        if (!more_than_needed && helps(remedy, wanted, kinds)) smallest.push_back(remedy);
    }
    return smallest;
}

}  // namespace tcpwitness
