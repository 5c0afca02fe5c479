// The whole answer: what is refused before any socket is looked at, what would have helped, what is left open.
#include "bind/bind_answer.hh"

#include <gtest/gtest.h>

#include <cerrno>

#include "held_sockets.hh"

namespace tcpwitness {
namespace {

using Whose = OptionChange::Whose;
const OptionChange kWantedReuse{Whose::wanted, BindFlag::reuse_address};
const OptionChange kHeldReuse{Whose::held, BindFlag::reuse_address};
const OptionChange kWantedPort{Whose::wanted, BindFlag::reuse_port};
const OptionChange kHeldPort{Whose::held, BindFlag::reuse_port};

TEST(BindAnswer, AFreePortWorks) {
    const BindAnswer answer = answer_bind(wanted("0.0.0.0:7000"), machine({}));
    EXPECT_EQ(answer.works, Certainty::yes);
    EXPECT_EQ(answer.error, 0);
    EXPECT_TRUE(answer.remedies.empty());
}

TEST(BindAnswer, TimeWaitIsInTheWayForTheTimeThatIsLeft) {
    const BindAnswer answer = answer_bind(wanted("0.0.0.0:7000", true), machine({mini_socket("10.0.0.1:7000", false)}));
    EXPECT_EQ(answer.works, Certainty::no);
    EXPECT_EQ(answer.error, EADDRINUSE);
    EXPECT_EQ(answer.wait, std::chrono::milliseconds(41200));
    EXPECT_EQ(answer.remedies, (std::vector<Remedy>{{kHeldReuse}, {kWantedPort, kHeldPort}}));
}

TEST(BindAnswer, AProcessMayStayForEver) {
    const BindAnswer answer =
        answer_bind(wanted("0.0.0.0:7000"),
                    machine({mini_socket("10.0.0.1:7000", false), held("10.0.0.1:7000", TcpState::close_wait)}));
    EXPECT_EQ(answer.wait, std::nullopt);
    EXPECT_EQ(answer.remedies, (std::vector<Remedy>{{kWantedReuse, kHeldReuse}, {kWantedPort, kHeldPort}}));
}

TEST(BindAnswer, NoOptionHelpsAgainstAnotherUsersListener) {
    HeldSocket listener = held("0.0.0.0:7000", TcpState::listen, true, true);
    listener.user = 33;
    const BindAnswer answer = answer_bind(wanted("0.0.0.0:7000", true, true), machine({listener}));
    EXPECT_EQ(answer.works, Certainty::no);
    EXPECT_TRUE(answer.remedies.empty());
}

TEST(BindAnswer, V6OnlyHelpsBesideAnIpv4Listener) {
    const BindAnswer answer = answer_bind(wanted("[::]:7000"), machine({held("0.0.0.0:7000", TcpState::listen)}));
    EXPECT_EQ(answer.works, Certainty::no);
    ASSERT_FALSE(answer.remedies.empty());
    EXPECT_EQ(answer.remedies.front(), (Remedy{{Whose::wanted, BindFlag::v6_only}}));
}

TEST(BindAnswer, OneCertainConflictOutweighsAllThatIsOpen) {
    const BindMachine open = machine({mini_socket("10.0.0.1:7000", std::nullopt)});
    EXPECT_EQ(answer_bind(wanted("0.0.0.0:7000", true), open).works, Certainty::depends);
    BindMachine both = open;
    both.sockets.push_back(held("0.0.0.0:7000", TcpState::listen));
    EXPECT_EQ(answer_bind(wanted("0.0.0.0:7000", true), both).works, Certainty::no);
}

TEST(BindAnswer, AnIdleSocketIsARivalForListen) {
    const BindMachine idle = machine({held("0.0.0.0:7000", TcpState::closed, true, true)});
    EXPECT_EQ(answer_bind(wanted("0.0.0.0:7000", true), idle).rivals, std::vector<size_t>{0});
    EXPECT_TRUE(answer_bind(wanted("0.0.0.0:7000", true, true), idle).rivals.empty());
    EXPECT_TRUE(answer_bind(wanted("127.0.0.1:7000", true), machine({held("127.0.0.2:7000", TcpState::closed, true)}))
                    .rivals.empty());
}

TEST(BindAnswer, AKernelThatHidesIdleSocketsLeavesYesOpen) {
    BindMachine old = machine({});
    old.sees_idle_sockets = false;
    EXPECT_TRUE(answer_bind(wanted("0.0.0.0:7000"), old).may_hide_a_socket);
    old.sockets.push_back(held("0.0.0.0:7000", TcpState::listen));
    EXPECT_FALSE(answer_bind(wanted("0.0.0.0:7000"), old).may_hide_a_socket);
}

TEST(BindAnswer, RefusalsComeInTheKernelsOrder) {
    BindMachine foreign = machine({held("0.0.0.0:80", TcpState::listen)});
    foreign.address_is_local = false;
    EXPECT_EQ(answer_bind(wanted("8.8.8.8:80"), foreign).error, EADDRNOTAVAIL);
    EXPECT_EQ(answer_bind(wanted("[2001:db8::1]:80"), foreign).error, EACCES);
    foreign.nonlocal_bind = true;
    EXPECT_EQ(answer_bind(wanted("8.8.8.8:80"), foreign).error, EACCES);
    WantedBind capable = wanted("8.8.8.8:80");
    capable.may_bind_any_port = true;
    EXPECT_EQ(answer_bind(capable, foreign).error, EADDRINUSE);
    EXPECT_EQ(answer_bind(wanted("[ff02::1]:7000"), machine({})).refusal, BindRefusal::multicast);
    EXPECT_EQ(answer_bind(wanted("[fe80::1]:7000"), machine({})).refusal, BindRefusal::scope_missing);
    WantedBind mapped = wanted("[::ffff:127.0.0.1]:7000");
    mapped.v6_only = true;
    EXPECT_EQ(answer_bind(mapped, machine({})).refusal, BindRefusal::mapped_but_v6_only);
}

TEST(BindAnswer, ATentativeAddressIsNamed) {
    BindMachine fresh = machine({});
    fresh.address_is_local = false;
    fresh.address_is_tentative = true;
    EXPECT_EQ(answer_bind(wanted("[2001:db8::1]:7000"), fresh).refusal, BindRefusal::address_tentative);
}

TEST(BindAnswer, PortZeroCountsFreePorts) {
    BindMachine small = machine({held("0.0.0.0:7000", TcpState::listen)});
    small.local_ports = {7000, 7003};
    small.reserved_ports = "7002,9000-9010";
    const BindAnswer answer = answer_bind(wanted("0.0.0.0:0"), small);
    EXPECT_EQ(answer.works, Certainty::yes);
    EXPECT_EQ(answer.free_ports, 2U);
    small.local_ports = {7000, 7000};
    EXPECT_EQ(answer_bind(wanted("0.0.0.0:0"), small).works, Certainty::depends);
    EXPECT_TRUE(is_in_port_list("7002,9000-9010", 9005));
    EXPECT_FALSE(is_in_port_list("7002,9000-9010", 9011));
}

TEST(BindAnswer, AKernelThatMayOverlookASocketLeavesItOpen) {
    BindMachine overlooking = machine({held("[::ffff:0.0.0.0]:7000", TcpState::listen)});
    EXPECT_EQ(answer_bind(wanted("[::ffff:127.0.0.1]:7000"), overlooking).works, Certainty::no);
    overlooking.may_overlook_mapped_wildcard = true;
    EXPECT_EQ(answer_bind(wanted("[::ffff:127.0.0.1]:7000"), overlooking).works, Certainty::depends);
    for (const char* address : {"[::ffff:0.0.0.0]:7000", "[::]:7000", "127.0.0.1:7000", "0.0.0.0:7000"})
        EXPECT_EQ(answer_bind(wanted(address), overlooking).works, Certainty::no) << address;
}

}  // namespace
}  // namespace tcpwitness
