// The rule for two sockets. That it is the kernel's is shown by tests/live/bind_table_test.cc; here are its corners.
#include "bind/bind_rules.hh"

#include <gtest/gtest.h>

#include "held_sockets.hh"

namespace tcpwitness {
namespace {

Certainty certainty(const WantedBind& wanted, const HeldSocket& socket) {
    return conflict_between(wanted, socket).certainty;
}

TEST(BindRules, ReuseAddressTakesBothAndNoListener) {
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", true), held("0.0.0.0:7000", TcpState::closed, true)), Certainty::no);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", true), held("0.0.0.0:7000", TcpState::closed, false)), Certainty::yes);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", false), held("0.0.0.0:7000", TcpState::closed, true)), Certainty::yes);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", true), held("0.0.0.0:7000", TcpState::listen, true)), Certainty::yes);
}

TEST(BindRules, ReusePortTakesTheSameUserExceptOfAMiniSocket) {
    HeldSocket socket = held("0.0.0.0:7000", TcpState::listen, false, true);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", false, true), socket), Certainty::no);
    socket.user = 33;
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", false, true), socket), Certainty::yes);
    socket.state = TcpState::time_wait;
    socket.mini_socket = true;
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000", false, true), socket), Certainty::no);
}

TEST(BindRules, OtherAddressesAndInterfacesDoNotMeet) {
    EXPECT_EQ(certainty(wanted("127.0.0.1:7000"), held("127.0.0.2:7000", TcpState::listen)), Certainty::no);
    EXPECT_EQ(certainty(wanted("127.0.0.1:7000"), held("0.0.0.0:7000", TcpState::listen)), Certainty::yes);
    WantedBind on_one = wanted("0.0.0.0:7000");
    on_one.interface = 1;
    HeldSocket on_two = held("0.0.0.0:7000", TcpState::listen);
    on_two.interface = 2;
    EXPECT_EQ(certainty(on_one, on_two), Certainty::no);
    on_two.interface = 0;
    EXPECT_EQ(certainty(on_one, on_two), Certainty::yes);
}

TEST(BindRules, AnUnobservedOptionMattersOnlyWhereItDecides) {
    const HeldSocket unknown = mini_socket("10.0.0.1:7000", std::nullopt);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000"), unknown), Certainty::yes);  // it takes both
    const Conflict conflict = conflict_between(wanted("0.0.0.0:7000", true), unknown);
    EXPECT_EQ(conflict.certainty, Certainty::depends);
    EXPECT_EQ(conflict.depends_on, std::vector{BindFlag::reuse_address});
    EXPECT_EQ(conflict_between(wanted("0.0.0.0:7000", true, true), unknown).depends_on,
              (std::vector{BindFlag::reuse_address, BindFlag::reuse_port}));
    EXPECT_EQ(certainty(wanted("10.0.0.2:7000", true), unknown), Certainty::no);
}

// An IPv6 connection of a dual-stack listener stands in the way of IPv4's wildcard; that of a V6ONLY one does not.
TEST(BindRules, AnIpv6ConnectionMeetsTheWildcardOfIpv4UnlessV6Only) {
    HeldSocket connection = held("[::1]:7000", TcpState::established);
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000"), connection), Certainty::yes);
    EXPECT_EQ(certainty(wanted("127.0.0.1:7000"), connection), Certainty::no);
    connection.options.v6_only = true;
    EXPECT_EQ(certainty(wanted("0.0.0.0:7000"), connection), Certainty::no);
    connection.options.v6_only.reset();
    EXPECT_EQ(conflict_between(wanted("0.0.0.0:7000"), connection).depends_on, std::vector{BindFlag::v6_only});
    EXPECT_FALSE(addresses_meet(wanted("0.0.0.0:7000"), connection).has_value());
}

TEST(BindRules, ASpecificIpv6AddressIsV6Only) {
    EXPECT_TRUE(is_v6_only_when_bound(wanted("[::1]:7000")));
    EXPECT_FALSE(is_v6_only_when_bound(wanted("[::]:7000")));
    EXPECT_FALSE(is_v6_only_when_bound(wanted("[::ffff:127.0.0.1]:7000")));
}

}  // namespace
}  // namespace tcpwitness
