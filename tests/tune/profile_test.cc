#include "tune/profile.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(const std::vector<Setting>& settings) {
    std::vector<std::string> all;
    for (const Setting& setting : settings) all.push_back(setting.key + "=" + setting.value);
    return all;
}

std::vector<Setting> parsed(const std::string& text) {
    Diagnostics diagnostics;
    std::vector<Setting> settings = parse_profile(text, "a.conf", diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << diagnostics.to_text();
    return settings;
}

TEST(Profile, ReadsWhatSysctlDReads) {
    EXPECT_THAT(words(parsed("# a comment\n; another\n\n net.ipv4.tcp_sack = 0 \n-net/ipv4/conf/eth0.7/rp_filter=2\r\n"
                             "net.ipv4.ip_local_port_range = 1024 65535")),
                ElementsAre("net.ipv4.tcp_sack=0", "net.ipv4.conf.eth0/7.rp_filter=2",
                            "net.ipv4.ip_local_port_range=1024 65535"));
    EXPECT_THAT(words(parsed("a.b = 1\nc.d = 2\na.b = 3\n")), ElementsAre("c.d=2", "a.b=3"));
}

TEST(Profile, TellsLinesThatAreNoSetting) {
    Diagnostics diagnostics;
    EXPECT_THAT(parse_profile("net.ipv4.tcp_sack\n = 3\n", "a.conf", diagnostics), IsEmpty());
    ASSERT_EQ(diagnostics.entries().size(), 2U);
    EXPECT_EQ(diagnostics.entries()[1].position.line, 2);
}

TEST(Profile, SortsByWhatTheKernelHas) {
    Machine machine;
    machine.sysctls = {"net.ipv4.tcp_sack", "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter"};
    const std::vector<std::string> global{"net.ipv4.tcp_sack", "net.core.rmem_max", "vm.swappiness"};
    const KnownSettings known = sort_settings(parsed("net.ipv4.tcp_sack=0\nnet.ipv4.conf.*.rp_filter=1\nnet.core.rmem_"
                                                     "max=9\nnet.ipv4.tcp_tw_recycle=1\nvm.swappiness=1\n"),
                                              machine, global);
    EXPECT_THAT(words(known.applied), ElementsAre("net.ipv4.tcp_sack=0", "net.ipv4.conf.all.rp_filter=1",
                                                  "net.ipv4.conf.default.rp_filter=1"));
    ASSERT_EQ(known.refused.size(), 3U);
    EXPECT_EQ(known.refused[0].why, "one for the whole kernel, not for each network namespace");
    EXPECT_EQ(known.refused[1].why, "this kernel has no such key");
    EXPECT_EQ(known.refused[2].why, "not a setting of the network");
}

TEST(Profile, WhatTheCaseSetsItselfStays) {
    Plan plan;
    plan.network.hosts = {{"client", {{"net.ipv4.tcp_sack", "1"}}}, {"path", {}}, {"server", {}}};
    const Plan tuned = with_settings(plan, parsed("net.ipv4.tcp_sack=0\nnet.ipv4.tcp_ecn=1\n"));
    using Entry = std::pair<std::string, std::string>;
    EXPECT_THAT(tuned.network.hosts[0].sysctls,
                ElementsAre(Entry("net.ipv4.tcp_ecn", "1"), Entry("net.ipv4.tcp_sack", "1")));
    EXPECT_THAT(tuned.network.hosts[1].sysctls, IsEmpty());
    EXPECT_THAT(tuned.network.hosts[2].sysctls,
                ElementsAre(Entry("net.ipv4.tcp_sack", "0"), Entry("net.ipv4.tcp_ecn", "1")));
    EXPECT_TRUE(sets_itself(plan, "net.ipv4.tcp_sack"));
    EXPECT_FALSE(sets_itself(plan, "net.ipv4.tcp_ecn"));
}

}  // namespace
}  // namespace tcpwitness
