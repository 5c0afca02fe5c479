#include "tcp_actor/option_bytes.hh"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/tcp_ao.hh"
#include "tcp_actor/arguments.hh"

namespace tcpwitness::fixture {
namespace {

using namespace std::chrono_literals;

Value integer(int64_t number) {
    return {.integer = number};
}
Value symbol(const char* name) {
    return {.kind = Value::Kind::symbol, .text = name};
}
Value text(const char* characters) {
    return {.kind = Value::Kind::text, .text = characters};
}
Value duration(Duration length) {
    return {.kind = Value::Kind::duration, .duration = length};
}
Value list(std::vector<Value> items) {
    return {.kind = Value::Kind::list, .items = std::move(items)};
}
Value address(const char* characters) {
    return {.kind = Value::Kind::address, .address = SocketAddress::parse(characters)};
}
Value field(const char* name, int64_t number) {
    return {.kind = Value::Kind::field, .text = name, .items = {integer(number)}};
}

template <typename Structure>
Structure encoded_as(const char* name, const Value& value) {
    const OptionBytes encoded = encode_option(*socket_option(name), value);
    Structure structure{};
    EXPECT_EQ(encoded.bytes.size(), sizeof structure);
    std::memcpy(&structure, encoded.bytes.data(), std::min(encoded.bytes.size(), sizeof structure));
    return structure;
}

// What the kernel would give back had it kept the bytes as they are.
std::string there_and_back(const char* name, const Value& value) {
    const SocketOption option = *socket_option(name);
    const OptionBytes encoded = encode_option(option, value);
    return decode_option(option, encoded.bytes, encoded.bytes.size());
}

TEST(OptionBytes, ValuesSurvive) {
    EXPECT_EQ(there_and_back("SO_REUSEADDR", integer(1)), "1");
    EXPECT_EQ(there_and_back("SO_REUSEADDR", symbol("on")), "1");
    EXPECT_EQ(there_and_back("IP_MTU_DISCOVER", symbol("IP_PMTUDISC_DO")), "2");
    EXPECT_EQ(there_and_back("TCP_REPAIR", symbol("TCP_REPAIR_OFF_NO_WP")), "-1");
    EXPECT_EQ(there_and_back("TCP_USER_TIMEOUT", duration(5s)), "5000");
    EXPECT_EQ(there_and_back("TCP_KEEPIDLE", duration(1min)), "60");
    EXPECT_EQ(there_and_back("SO_MAX_PACING_RATE", integer(1LL << 40)), "1099511627776");
    EXPECT_EQ(there_and_back("SO_LINGER", list({symbol("on"), duration(2s)})), "{on, 2s}");
    EXPECT_EQ(there_and_back("SO_LINGER", list({integer(0), integer(0)})), "{off, 0s}");
    EXPECT_EQ(there_and_back("SO_RCVTIMEO", duration(1500ms)), "1.5s");
    EXPECT_EQ(there_and_back("SO_SNDTIMEO", integer(0)), "0s");
    EXPECT_EQ(there_and_back("TCP_CONGESTION", text("cubic")), "cubic");
    EXPECT_EQ(there_and_back("SO_BINDTODEVICE", symbol("lo")), "lo");
    EXPECT_EQ(there_and_back("IP_LOCAL_PORT_RANGE", list({integer(40000), integer(40010)})), "{40000, 40010}");
    EXPECT_EQ(there_and_back("TCP_REPAIR_WINDOW", list({integer(1), integer(4294967295)})), "{1, 4294967295}");
    EXPECT_EQ(there_and_back("TCP_FASTOPEN_KEY", text("00ff10")), "00ff10");
    EXPECT_EQ(there_and_back("IP_MULTICAST_IF", address("10.0.0.1:0")), "10.0.0.1");
    EXPECT_EQ(there_and_back("IPV6_NEXTHOP", address("[fd00::1]:0")), "[fd00::1]:0");
    EXPECT_EQ(there_and_back("SO_ERROR", integer(ECONNRESET)), "ECONNRESET");
}

TEST(OptionBytes, StructsAreAsTheKernelReadsThem) {
    const OptionBytes lingering = encode_option(*socket_option("SO_LINGER"), list({symbol("on"), duration(2s)}));
    linger expected{.l_onoff = 1, .l_linger = 2};
    ASSERT_EQ(lingering.bytes.size(), sizeof expected);
    EXPECT_EQ(std::memcmp(lingering.bytes.data(), &expected, sizeof expected), 0);

    const Value program = list({list({integer(6), integer(0), integer(0), integer(0)})});
    const OptionBytes filter = encode_option(*socket_option("SO_ATTACH_FILTER"), program);
    sock_fprog header;
    ASSERT_EQ(filter.bytes.size(), sizeof header);
    std::memcpy(&header, filter.bytes.data(), sizeof header);
    EXPECT_EQ(header.len, 1);
    EXPECT_EQ(header.filter, filter.program.data());
    EXPECT_EQ(decode_option(*socket_option("SO_GET_FILTER"), std::as_bytes(std::span(filter.program)), 1),
              "{{6, 0, 0, 0}}");

    const auto key = encoded_as<tcp_md5sig>("TCP_MD5SIG_EXT", list({address("10.0.0.1:7"), integer(24), text("abc")}));
    EXPECT_EQ(key.tcpm_flags, TCP_MD5SIG_FLAG_PREFIX);
    EXPECT_EQ(key.tcpm_prefixlen, 24);
    EXPECT_EQ(key.tcpm_keylen, 3);
    EXPECT_EQ(std::memcmp(key.tcpm_key, "abc\0", 4), 0);
}

// struct tcp_ao_add and tcp_ao_del, byte by byte as include/uapi/linux/tcp.h of Linux 6.18 has them.
TEST(OptionBytes, KeysOfTcpAoAreAsTheKernelReadsThem) {
    const OptionBytes added =
        encode_option(*socket_option("TCP_AO_ADD_KEY"), list({address("10.0.2.2:0"), text("secret"), integer(7)}));
    std::string bytes(288, '\0');
    bytes.replace(0, 8, std::string("\2\0\0\0\x0a\0\2\2", 8));
    bytes.replace(128, 10, "hmac(sha1)");
    bytes.replace(202, 5, std::string("\x20\7\7\0\0", 5));
    bytes.replace(207, 7, "\6secret");
    const auto view = std::as_bytes(std::span(bytes));
    EXPECT_EQ(added.bytes, std::vector<std::byte>(view.begin(), view.end()));

    const OptionBytes deleted =
        encode_option(*socket_option("TCP_AO_DEL_KEY"), list({address("10.0.2.2:0"), integer(7)}));
    ASSERT_EQ(deleted.bytes.size(), 144U);
    EXPECT_TRUE(std::equal(deleted.bytes.begin(), deleted.bytes.begin() + 128, added.bytes.begin()));
    EXPECT_EQ(std::memcmp(deleted.bytes.data() + 138, "\x20\7\7\0\0\0", 6), 0);
}

TEST(OptionBytes, APrefixLengthSaysHowMuchOfAnAddressCounts) {
    const auto owner = [](std::vector<Value> items) {
        items.push_back(text("a"));
        items.push_back(integer(1));
        const auto added = encoded_as<TcpAoAdd>("TCP_AO_ADD_KEY", list(items));
        return to_string(SocketAddress::from_kernel(added.addr).ip) + "/" + std::to_string(added.prefix);
    };
    EXPECT_EQ(owner({address("10.0.2.2:0")}), "10.0.2.2/32");
    EXPECT_EQ(owner({address("10.0.2.2:0"), integer(24)}), "10.0.2.0/24");
    EXPECT_EQ(owner({address("10.0.2.2:0"), integer(0)}), "0.0.0.0/0");
    EXPECT_EQ(owner({address("0.0.0.0:0")}), "0.0.0.0/0");
    EXPECT_EQ(owner({address("[fd00::2]:0")}), "fd00::2/128");
    EXPECT_EQ(owner({address("[fd00:ffff::2]:0"), integer(17)}), "fd00:8000::/17");
    EXPECT_EQ(owner({address("[::]:0")}), "::/0");
    EXPECT_EQ(owner({address("[::ffff:10.0.2.2]:0")}), "::ffff:10.0.2.2/32");
    EXPECT_EQ(owner({address("[::ffff:10.0.2.2]:0"), integer(8)}), "::ffff:10.0.0.0/8");
    EXPECT_EQ(owner({address("10.0.2.2:0"), integer(200)}), "10.0.2.2/200");  // the kernel's EINVAL
}

TEST(OptionBytes, FieldsThatAreNotNamedAreZero) {
    EXPECT_EQ(there_and_back("TCP_AO_INFO", list({field("rnext", 2), field("accept_icmps", 1)})),
              "{rnext=2, ao_required=0, accept_icmps=1, pkt_good=0, pkt_bad=0, pkt_key_not_found=0, "
              "pkt_ao_required=0, pkt_dropped_icmp=0}");
    EXPECT_EQ(spell(list({field("rnext", 2)})), "{rnext=2}");
}

TEST(OptionBytes, TheKernelIsAskedForAStructsExactSize) {
    EXPECT_EQ(option_room(*socket_option("TCP_REPAIR_WINDOW"), -1), sizeof(tcp_repair_window));
    EXPECT_EQ(option_room(*socket_option("TCP_AO_REPAIR"), -1), 16U);
    EXPECT_EQ(option_room(*socket_option("TCP_AO_INFO"), -1), 48U);
    EXPECT_GT(option_room(*socket_option("TCP_SAVED_SYN"), -1), 1000U);
}

TEST(OptionBytes, RefusesWhatTheOptionCannotTake) {
    const auto refused = [](const char* name, const Value& value) {
        EXPECT_THROW(encode_option(*socket_option(name), value), Refused) << name << " " << spell(value);
    };
    refused("SO_REUSEADDR", text("yes"));
    refused("SO_REUSEADDR", symbol("SO_NO_SUCH"));
    refused("SO_REUSEADDR", duration(1s));
    refused("SO_RCVBUF", integer(1LL << 40));
    refused("TCP_KEEPIDLE", duration(1500ms));
    refused("SO_LINGER", integer(1));
    refused("SO_LINGER", list({symbol("on")}));
    refused("SO_LINGER", list({symbol("on"), duration(500ms)}));
    refused("SO_RCVTIMEO", integer(5));
    refused("TCP_CONGESTION", integer(1));
    refused("IP_LOCAL_PORT_RANGE", list({integer(1), integer(70000)}));
    refused("SO_ATTACH_FILTER", list({list({integer(6)})}));
    refused("TCP_MD5SIG", list({text("secret")}));
    refused("TCP_MD5SIG", list({address("10.0.0.1:7"), text(std::string(81, 'a').c_str())}));
    refused("TCP_AO_ADD_KEY", text("0a00"));
    refused("TCP_AO_ADD_KEY", list({address("10.0.0.1:0"), text("secret")}));
    refused("TCP_AO_ADD_KEY", list({address("10.0.0.1:0"), text("secret"), integer(256)}));
    refused("TCP_AO_ADD_KEY", list({address("10.0.0.1:0"), text(std::string(81, 'a').c_str()), integer(1)}));
    refused("TCP_AO_ADD_KEY", list({integer(1), text("secret"), integer(1)}));
    refused("TCP_AO_DEL_KEY", list({address("10.0.0.1:0")}));
    refused("TCP_AO_DEL_KEY", list({address("10.0.0.1:0"), text("secret"), integer(1)}));
    refused("TCP_AO_INFO", integer(1));
    refused("TCP_AO_INFO", list({integer(1)}));
    refused("TCP_AO_INFO", list({field("set_rnext", 1)}));
    refused("TCP_AO_INFO", list({field("accept_icmps", 2)}));
    refused("SO_LINGER", list({field("on", 1), duration(2s)}));
    refused("TCP_FASTOPEN_KEY", text("0"));
    refused("TCP_FASTOPEN_KEY", text("zz"));
    refused("IPV6_NEXTHOP", integer(1));
}

TEST(OptionBytes, FewerBytesThanExpectedAreShownAsTheyAre) {
    const std::vector<std::byte> one(1, std::byte{7});
    EXPECT_EQ(decode_option(*socket_option("IP_TOS"), one, 1), "7");
    EXPECT_EQ(decode_option(*socket_option("SO_LINGER"), one, 1), "07");
    EXPECT_EQ(decode_option(*socket_option("SO_COOKIE"), one, 1), "07");
}

}  // namespace
}  // namespace tcpwitness::fixture
