#include "plan/machine.hh"

#include <gtest/gtest.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// 60 s is due in 6000, 15000, 18000 or 60000 ticks; the wheel's bucket there is 512 ticks, for the last 4096.
TEST(Machine, DerivesTwoMslFromTheTimerWheel) {
    Machine machine;
    machine.hz = 250;
    EXPECT_EQ(machine.two_msl(), (DurationRange{60s, 60s + 2048ms + 100ms}));
    machine.hz = 1000;
    EXPECT_EQ(machine.two_msl(), (DurationRange{60s, 60s + 4096ms + 100ms}));
    machine.hz = 100;
    EXPECT_EQ(machine.two_msl(), (DurationRange{60s, 60s + 5120ms + 100ms}));
    machine.hz = 300;
    EXPECT_EQ(machine.two_msl().most, 60s + Duration(512'000'000'000 / 300) + 100ms);
    EXPECT_TRUE(machine.two_msl().contains(60600ms));
    EXPECT_FALSE(machine.two_msl().contains(59999ms));
}

TEST(Machine, FindsFeatures) {
    Machine machine;
    machine.features = {{"veth", true, ""}, {"netem", false, "Specified qdisc kind is unknown"}};
    EXPECT_TRUE(machine.has(feature::kVeth));
    EXPECT_FALSE(machine.has(feature::kNetem));
    EXPECT_FALSE(machine.has(feature::kIpv6));
    ASSERT_NE(machine.find(feature::kNetem), nullptr);
    EXPECT_EQ(machine.find(feature::kIpv6), nullptr);
}

TEST(Machine, SurvivesJson) {
    Machine machine{.kernel_release = "6.18.0", .hz = 1000, .root = true};
    machine.features = {{"veth", true, "found"}};
    machine.programs = {{"nginx", false}};
    machine.sysctls = {"net.ipv4.tcp_rfc1337"};
    const std::string json = machine_to_json(machine);
    EXPECT_EQ(machine_to_json(machine_from_json(json)), json);
    EXPECT_THROW(machine_from_json("{}"), Error);
    EXPECT_THROW(machine_from_json("{"), Error);
}

}  // namespace
}  // namespace tcpwitness
