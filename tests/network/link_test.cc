#include "network/link.hh"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include "base/error.hh"
#include "network/netlink.hh"
#include "network/route_message.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

class LinkTest : public KernelTest {};

TEST_F(LinkTest, CarriesOnceBothEndsAreUp) {
    const NetworkNamespace left("left");
    const NetworkNamespace right("right");
    make_veth_pair({&left, "left0", "02:00:00:00:00:01"}, {&right, "right0", "02:00:00:00:00:02"}, 1400);
    set_link_up(left, "left0", true);
    try {
        wait_for_carrier(left, "left0", std::chrono::milliseconds(50));
        FAIL() << "a carrier without the other end";
    } catch (const NetlinkError& error) {
        EXPECT_STREQ(error.what(), "wait for carrier of left left0: Connection timed out");
    }
    set_link_up(right, "right0", true);
    wait_for_carrier(left, "left0");
    wait_for_carrier(right, "right0");
}

TEST_F(LinkTest, HearsOfAnEventWhileItAsks) {
    const NetworkNamespace left("left");
    const NetworkNamespace right("right");
    make_veth_pair({&left, "left0", "02:00:00:00:00:01"}, {&right, "right0", "02:00:00:00:00:02"}, 1400);
    const int index = link_index(left, "left0");
    NetlinkSocket& socket = left.route_socket();
    socket.join(RTNLGRP_LINK);
    const NamespaceGuard guard(left);
    NetlinkSocket().request(link_mtu_message(index, "left0", 1300));
    int answers = 0;
    int notices = 0;
    socket.query(get_link_message("left0"), [&](const nlmsghdr&) { ++answers; }, [&](const nlmsghdr&) { ++notices; });
    EXPECT_EQ(answers, 1);
    EXPECT_GE(notices, 1);
}

TEST_F(LinkTest, SaysWhyAPairCouldNotBeMade) {
    const NetworkNamespace left("left");
    const NetworkNamespace right("right");
    make_veth_pair({&left, "left0", "02:00:00:00:00:01"}, {&right, "right0", "02:00:00:00:00:02"}, 1400);
    EXPECT_THROW(make_veth_pair({&left, "left0", "02:00:00:00:00:03"}, {&right, "other0", "02:00:00:00:00:04"}, 1400),
                 NetlinkError);
    try {
        make_veth_pair({&left, "other0", "03:00:00:00:00:03"}, {&right, "other0", "02:00:00:00:00:04"}, 1400);
        FAIL() << "a multicast address was taken";
    } catch (const NetlinkError& error) {
        EXPECT_NE(std::string(error.what()).find("RTM_NEWLINK veth other0 - other0: "), std::string::npos)
            << error.what();
    }
    EXPECT_THROW(make_veth_pair({&left, "x", "no mac"}, {&right, "y", "02:00:00:00:00:04"}, 1400), Error);
}

TEST_F(LinkTest, NamesAnInterfaceThatIsNotThere) {
    const NetworkNamespace left("left");
    try {
        set_link_up(left, "nowhere0", true);
        FAIL() << "a link that is not there came up";
    } catch (const NetlinkError& error) {
        EXPECT_STREQ(error.what(), "RTM_GETLINK nowhere0: No such device");
    }
}

TEST_F(LinkTest, RemovesAnAddress) {
    const TestStage stage;
    const IpAddress address = *IpAddress::parse("fd00:1::99");
    add_address(stage.client, "client0", address, 64);
    EXPECT_THROW(add_address(stage.client, "client0", address, 64), NetlinkError);
    remove_address(stage.client, "client0", address, 64);
    EXPECT_THROW(remove_address(stage.client, "client0", address, 64), NetlinkError);
}

TEST_F(LinkTest, ChangesTheMtu) {
    const TestStage stage;
    set_link_mtu(stage.client, "client0", 1280);
    EXPECT_THROW(set_link_mtu(stage.client, "client0", 10), NetlinkError);
}

// All requests before and after the refused one are carried out, and the refused one is named.
TEST_F(LinkTest, ABatchNamesTheRequestThatWasRefused) {
    const TestStage stage;
    const int index = link_index(stage.client, "client0");
    std::vector<NetlinkMessage> batch;
    for (const char* text : {"10.0.3.1", "10.0.1.1", "10.0.4.1"}) {
        batch.push_back(address_message(Change::add, index, "client0", *IpAddress::parse(text), 24));
    }
    try {
        stage.client.route_socket().request(batch);
        FAIL() << "the same address was taken twice";
    } catch (const NetlinkError& error) {
        EXPECT_EQ(std::string(error.what()).rfind("RTM_NEWADDR client0 10.0.1.1/24: File exists", 0), 0U)
            << error.what();
    }
    remove_address(stage.client, "client0", *IpAddress::parse("10.0.4.1"), 24);
}

}  // namespace
}  // namespace tcpwitness
