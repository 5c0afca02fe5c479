#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"
#include "nftables.hh"

namespace tcpwitness {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(NftCommands, DropsOneFin) {
    NftDrop drop;
    drop.match.source = IpAddress::parse("10.0.1.1");
    drop.match.flags_mask = 0x3f;
    drop.match.flags_set = 0x11;
    EXPECT_EQ(nft_commands("t", drop, 1),
              "add table inet t {\n"
              " counter matched { }\n"
              " counter dropped { }\n"
              " chain count {\n"
              "  counter name matched numgen inc mod 4294967295 0 counter name dropped drop\n"
              " }\n"
              " chain entry {\n"
              "  type filter hook forward priority 1;\n"
              "  meta nfproto ipv4 meta l4proto tcp ip saddr 10.0.1.1 tcp flags & 0x3f == 0x11 jump count\n"
              " }\n"
              "}\n");
}

TEST(NftCommands, ChoosesTheNthAndHowMany) {
    NftDrop drop;
    drop.nth = 3;
    drop.count = 2;
    EXPECT_THAT(nft_commands("t", drop, 1), HasSubstr("numgen inc mod 4294967295 2-3 "));
    drop.count.reset();
    EXPECT_THAT(nft_commands("t", drop, 1), HasSubstr("numgen inc mod 4294967295 2-4294967294 "));
    drop.nth = 1;
    EXPECT_THAT(nft_commands("t", drop, 1), Not(HasSubstr("numgen")));
}

TEST(NftCommands, AsksForPayloadByHeaderLength) {
    NftDrop drop;
    drop.match.family = Family::ipv6;
    drop.match.least_payload = 1;
    const std::string commands = nft_commands("t", drop, 1);
    EXPECT_THAT(commands, HasSubstr("ip6 nexthdr tcp tcp doff 5 meta length 61-"));
    EXPECT_THAT(commands, HasSubstr("tcp doff 15 meta length 101-"));
    EXPECT_THAT(commands, HasSubstr("jump payload"));
}

TEST(NftCommands, RefusesWhatNeverHappens) {
    NftDrop none;
    none.count = 0;
    EXPECT_THROW(nft_commands("t", none, 1), Error);
    NftDrop zeroth;
    zeroth.nth = 0;
    EXPECT_THROW(nft_commands("t", zeroth, 1), Error);
    NftDrop mixed;
    mixed.match.destination = IpAddress::parse("fd00::1");
    EXPECT_THROW(nft_commands("t", mixed, 1), Error);
    NftDrop empty;
    empty.match.least_payload = 5;
    empty.match.most_payload = 4;
    EXPECT_THROW(nft_commands("t", empty, 1), Error);
}

}  // namespace
}  // namespace tcpwitness
