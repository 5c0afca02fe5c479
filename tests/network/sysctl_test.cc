#include "network/sysctl.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class SysctlTest : public KernelTest {
  protected:
    template <typename Kind>
    static std::string message_of(const std::function<void()>& action) {
        try {
            action();
        } catch (const Kind& error) {
            return error.what();
        }
        return "nothing was thrown";
    }
};

TEST_F(SysctlTest, BelongsToItsNamespaceAlone) {
    const NetworkNamespace one("one");
    const NetworkNamespace other("other");
    set_sysctl(one, "net.ipv4.tcp_rfc1337", "1");
    EXPECT_EQ(get_sysctl(one, "net.ipv4.tcp_rfc1337"), "1");
    EXPECT_EQ(get_sysctl(other, "net.ipv4.tcp_rfc1337"), "0");
}

TEST_F(SysctlTest, SetsSeveralInOrder) {
    const NetworkNamespace host("host");
    set_sysctls(host, {{"net.ipv4.tcp_fin_timeout", "7"},
                       {"net.ipv4.tcp_rmem", "4096 8192 16384"},
                       {"net.ipv4.tcp_fin_timeout", "8"}});
    EXPECT_EQ(get_sysctl(host, "net.ipv4.tcp_fin_timeout"), "8");
    EXPECT_EQ(get_sysctl(host, "net.ipv4.tcp_rmem"), "4096\t8192\t16384");
}

TEST_F(SysctlTest, SaysThatAKeyIsUnknown) {
    const NetworkNamespace host("host");
    const std::string message = message_of<Unsupported>([&] { set_sysctl(host, "net.ipv4.tcp_tw_recycle", "1"); });
    EXPECT_THAT(message, HasSubstr("sysctl net.ipv4.tcp_tw_recycle: this kernel has no such setting"));
    EXPECT_THROW(get_sysctl(host, "net.ipv4.nothing"), Unsupported);
}

TEST_F(SysctlTest, SaysThatAKeyIsOneForTheWholeMachine) {
    const NetworkNamespace host("host");
    EXPECT_THAT(message_of<Unsupported>([&] { set_sysctl(host, "net.core.netdev_max_backlog", "1"); }),
                HasSubstr("one for the whole machine"));
    EXPECT_THAT(message_of<Unsupported>([&] { set_sysctl(host, "kernel.panic", "1"); }),
                HasSubstr("one setting for the whole machine"));
}

TEST_F(SysctlTest, NamesTheValueThatTheKernelRefused) {
    const NetworkNamespace host("host");
    EXPECT_EQ(message_of<SystemError>([&] { set_sysctl(host, "net.ipv4.tcp_syn_retries", "1000"); }),
              "write '1000' to sysctl net.ipv4.tcp_syn_retries: Invalid argument");
    EXPECT_EQ(message_of<SystemError>([&] { set_sysctl(host, "net.ipv4.tcp_congestion_control", "nosuch"); }),
              "write 'nosuch' to sysctl net.ipv4.tcp_congestion_control: No such file or directory");
}

TEST_F(SysctlTest, DoesNotLeaveItsFolder) {
    const NetworkNamespace host("host");
    EXPECT_THROW(set_sysctl(host, "net.//.kernel.panic", "1"), Error);
    EXPECT_THROW(set_sysctl(host, "", "1"), Error);
    EXPECT_THROW(set_sysctl(host, ".net", "1"), Error);
}

TEST_F(SysctlTest, ListsKeysInTheFormThatItTakes) {
    const NetworkNamespace host("host");
    const std::vector<std::string> keys = sysctl_keys(host);
    EXPECT_THAT(keys, Contains("net.ipv4.tcp_rfc1337"));
    EXPECT_THAT(keys, Contains("net.ipv6.conf.lo.forwarding"));
    EXPECT_THAT(keys, Not(Contains("net.core.netdev_max_backlog")));
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace tcpwitness
