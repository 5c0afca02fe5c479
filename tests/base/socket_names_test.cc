#include "base/socket_names.hh"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>
#include <limits>
#include <set>

// After the system's headers: what Debian 12's kernel headers know of struct tcp_info.
#include <linux/tcp.h>

namespace tcpwitness {
namespace {

TEST(SocketNames, KnowsTheConstantsThatPeopleWrite) {
    EXPECT_EQ(socket_constant("SOL_SOCKET"), SOL_SOCKET);
    EXPECT_EQ(socket_constant("MSG_FASTOPEN"), MSG_FASTOPEN);
    EXPECT_EQ(socket_constant("SHUT_WR"), SHUT_WR);
    EXPECT_EQ(socket_constant("TCP_RTO_MAX_MS"), 44);
    EXPECT_EQ(socket_constant("IP_LOCAL_PORT_RANGE"), 51);
    for (const char* name : {"", "SO_", "SO_REUSEADR", "so_reuseaddr"}) EXPECT_FALSE(socket_constant(name)) << name;
    for (const std::string& name : socket_constant_names()) EXPECT_TRUE(socket_constant(name)) << name;
}

TEST(SocketNames, JoinsFlags) {
    EXPECT_EQ(socket_constants("MSG_PEEK|MSG_DONTWAIT"), MSG_PEEK | MSG_DONTWAIT);
    EXPECT_EQ(socket_constants("POLLIN | 0x10"), POLLIN | POLLHUP);
    EXPECT_EQ(socket_constants("0"), 0);
    for (const char* text : {"", "MSG_PEEK|", "MSG_PEEK|MSG_NONE", "1x"}) EXPECT_FALSE(socket_constants(text)) << text;
    EXPECT_EQ(poll_events_text(POLLIN | POLLHUP), "POLLIN|POLLHUP");
    EXPECT_EQ(poll_events_text(0), "0");
}

TEST(SocketNames, EveryOptionHasOneNameAndALevel) {
    std::set<std::string_view> names;
    for (const SocketOption& option : socket_options()) {
        EXPECT_TRUE(names.insert(option.name).second) << option.name;
        EXPECT_EQ(socket_constant(option.level_name), option.level);
        EXPECT_FALSE(to_string(option.kind).empty());
    }
    EXPECT_EQ(socket_option("SO_LINGER")->kind, OptionKind::linger);
    EXPECT_EQ(socket_option("TCP_USER_TIMEOUT")->unit, std::chrono::milliseconds(1));
    EXPECT_FALSE(socket_option("SOL_SOCKET"));
}

TEST(SocketNames, KnowsSignals) {
    for (int number = 1; number <= SIGRTMAX; ++number) {
        if (!signal_name(number).starts_with("SIG")) continue;  // 32 and 33 are glibc's own
        EXPECT_EQ(signal_number(signal_name(number)), number);
    }
    EXPECT_EQ(signal_name(SIGINT), "SIGINT");
    EXPECT_EQ(signal_number("SIGKILL"), SIGKILL);
    EXPECT_EQ(signal_name(0), "signal 0");
    for (const char* name : {"", "INT", "SIG", "SIGNONE", "SIGRTMIN+99"}) EXPECT_FALSE(signal_number(name)) << name;
}

TEST(TcpInfo, ReadsFieldsWhereTheKernelPutsThem) {
    tcp_info info{};
    info.tcpi_retransmits = 3;
    info.tcpi_snd_wscale = 7;
    info.tcpi_rcv_wscale = 9;
    info.tcpi_delivery_rate_app_limited = 1;
    info.tcpi_fastopen_client_fail = 2;
    info.tcpi_total_retrans = 41;
    info.tcpi_max_pacing_rate = ~0ULL;
    info.tcpi_snd_wnd = 65535;
    const auto bytes = std::as_bytes(std::span(&info, 1));
    EXPECT_EQ(tcp_info_field(bytes, "retransmits"), 3);
    EXPECT_EQ(tcp_info_field(bytes, "tcpi_snd_wscale"), 7);
    EXPECT_EQ(tcp_info_field(bytes, "rcv_wscale"), 9);
    EXPECT_EQ(tcp_info_field(bytes, "delivery_rate_app_limited"), 1);
    EXPECT_EQ(tcp_info_field(bytes, "fastopen_client_fail"), 2);
    EXPECT_EQ(tcp_info_field(bytes, "total_retrans"), 41);
    EXPECT_EQ(tcp_info_field(bytes, "max_pacing_rate"), std::numeric_limits<int64_t>::max());
    EXPECT_EQ(tcp_info_field(bytes, "snd_wnd"), 65535);
}

TEST(TcpInfo, AFieldThatTheBytesDoNotReachIsAbsent) {
    const std::vector<std::byte> bytes(104);
    EXPECT_EQ(tcp_info_field(bytes, "total_retrans"), 0);
    EXPECT_FALSE(tcp_info_field(bytes, "pacing_rate"));
    EXPECT_FALSE(tcp_info_field(bytes, "no_such_field"));
    EXPECT_FALSE(tcp_info_field({}, "state"));
    EXPECT_TRUE(tcp_info_text(bytes).ends_with(" total_retrans=0"));
    EXPECT_EQ(tcp_info_fields().front(), "state");
}

}  // namespace
}  // namespace tcpwitness
