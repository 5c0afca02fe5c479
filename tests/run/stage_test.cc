#include "run/stage.hh"

#include <gtest/gtest.h>

#include "base/error.hh"
#include "network/sysctl.hh"

namespace tcpwitness {
namespace {

PlanNetwork direct_network() {
    PlanNetwork network{.topology = Topology::direct};
    network.hosts = {{"client", {{"net.ipv6.conf.default.accept_dad", "0"}, {"net.ipv4.conf.client0.arp_ignore", "2"}}},
                     {"server", {}}};
    const auto end = [](const char* host, const char* interface, const char* mac, const char* address) {
        return PlanInterface{host, interface, mac, {{*IpAddress::parse(address), 24}}};
    };
    network.links = {{end("client", "client0", "02:00:00:00:00:01", "10.9.0.1"),
                      end("server", "server0", "02:00:00:00:00:02", "10.9.0.2"), 1400}};
    return network;
}

TEST(Stage, SetsWhatThePlanSays) {
    const Stage stage(direct_network());
    EXPECT_EQ(get_sysctl(stage.host("client"), "net.ipv6.conf.client0.accept_dad"), "0");
    EXPECT_EQ(get_sysctl(stage.host("client"), "net.ipv4.conf.client0.arp_ignore"), "2");
    EXPECT_EQ(stage.addresses().at("server").at(0), *IpAddress::parse("10.9.0.2"));
}

TEST(Stage, NamesTheSettingThatTheKernelRefuses) {
    PlanNetwork network = direct_network();
    network.hosts[1].sysctls = {{"net.ipv4.no_such_setting", "1"}};
    try {
        const Stage stage(network);
        FAIL() << "no error";
    } catch (const Unsupported& error) {
        EXPECT_NE(std::string(error.what()).find("net.ipv4.no_such_setting"), std::string::npos) << error.what();
    }
}

TEST(Stage, KnowsNoOtherHosts) {
    const Stage stage(direct_network());
    EXPECT_THROW(stage.host("path"), Error);
}

}  // namespace
}  // namespace tcpwitness
