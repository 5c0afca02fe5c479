#include "base/tcp_ao.hh"

#include <gtest/gtest.h>

#include <cstring>

namespace tcpwitness {
namespace {

TEST(TcpAo, ANamedFieldIsSetAndTheKernelIsToldToTakeIt) {
    TcpAoInfo info{};
    set_tcp_ao_info(info, "rnext", 2);
    EXPECT_EQ(info.flags, 2U);
    EXPECT_EQ(info.rnext, 2);
    set_tcp_ao_info(info, "current_key", 0);
    EXPECT_EQ(info.flags, 3U);
    set_tcp_ao_info(info, "ao_required", 1);
    set_tcp_ao_info(info, "accept_icmps", 0);
    EXPECT_EQ(info.flags, 7U);
    set_tcp_ao_info(info, "pkt_dropped_icmp", 1LL << 40);
    EXPECT_EQ(info.flags, 15U);
    EXPECT_EQ(info.pkt_dropped_icmp, 1ULL << 40);
    EXPECT_EQ(info.pkt_good, 0U);
}

// The first bytes of struct tcp_ao_info_opt: four of flags, two that are reserved, the two keys, pkt_good.
TEST(TcpAo, ReadsTheBytesOfTheStruct) {
    const std::array<uint8_t, 16> start{0x13, 0, 0, 0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0};
    TcpAoInfo info{};
    std::memcpy(&info, start.data(), start.size());
    EXPECT_EQ(tcp_ao_info_text(info),
              "{current_key=1, rnext=2, ao_required=0, accept_icmps=1, pkt_good=2, pkt_bad=0, pkt_key_not_found=0, "
              "pkt_ao_required=0, pkt_dropped_icmp=0}");
}

TEST(TcpAo, AListenerHasNoCurrentKey) {
    EXPECT_EQ(tcp_ao_info_text({}),
              "{ao_required=0, accept_icmps=0, pkt_good=0, pkt_bad=0, pkt_key_not_found=0, pkt_ao_required=0, "
              "pkt_dropped_icmp=0}");
}

TEST(TcpAo, KnowsWhatAFieldCanHold) {
    EXPECT_EQ(tcp_ao_info_most("rnext"), 255);
    EXPECT_EQ(tcp_ao_info_most("accept_icmps"), 1);
    EXPECT_GT(tcp_ao_info_most("pkt_good"), 1LL << 40);
    EXPECT_FALSE(tcp_ao_info_most("set_rnext"));
    for (const std::string& name : tcp_ao_info_fields()) EXPECT_TRUE(tcp_ao_info_most(name)) << name;
}

}  // namespace
}  // namespace tcpwitness
