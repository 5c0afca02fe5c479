#include "network/address_watch.hh"

#include <linux/rtnetlink.h>

#include <algorithm>

#include "base/error.hh"
#include "network/route_message.hh"

namespace tcpwitness {
namespace {

constexpr std::chrono::seconds kDeadline(10);

}  // namespace

AddressWatch::AddressWatch(const NetworkNamespace& network_namespace) : namespace_(network_namespace) {}

AddressWatch::~AddressWatch() {
    if (!joined_) return;
    try {
        namespace_.route_socket().leave(RTNLGRP_IPV6_IFADDR);
    } catch (const Error&) {
        // The socket then hears more than it needs, which it ignores.
    }
}

void AddressWatch::add(int index, const std::string& interface, const IpAddress& address, int prefix_length) {
    requests_.push_back(address_message(Change::add, index, interface, address, prefix_length));
    if (address.family == Family::ipv6) awaited_.push_back(address);
}

void AddressWatch::take(const nlmsghdr& header) {
    if (const std::optional<IpAddress> address = parse_new_address(header)) std::erase(awaited_, *address);
}

void AddressWatch::send() {
    if (!awaited_.empty() && !joined_) {
        namespace_.route_socket().join(RTNLGRP_IPV6_IFADDR);
        joined_ = true;
    }
    namespace_.route_socket().request(requests_, [this](const nlmsghdr& header) { take(header); });
    requests_.clear();
}

void AddressWatch::wait() {
    send();
    if (!joined_) return;
    if (!awaited_.empty()) {
        namespace_.route_socket().listen(
            [this](const nlmsghdr& header) {
                take(header);
                return awaited_.empty();
            },
            kDeadline, "address " + to_string(awaited_.front()) + " in use in " + namespace_.name());
    }
    // The notification comes just before the local route is made, under the same RTNL lock (net/ipv6/addrconf.c,
    // __ipv6_ifa_notify). Any request that takes that lock comes after both.
    namespace_.route_socket().query(get_link_message("lo"), [](const nlmsghdr&) {});
}

}  // namespace tcpwitness
