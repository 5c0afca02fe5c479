#include "tcp_actor/pattern.hh"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tcpwitness::fixture {
namespace {

SocketAddress at(const char* text) {
    return *SocketAddress::parse(text);
}

std::string pattern(uint64_t key, int64_t offset, size_t length) {
    std::string bytes(length, '\0');
    write_pattern(key, offset, bytes);
    return bytes;
}

const uint64_t kKey = stream_key(at("10.0.1.1:40000"), at("10.0.2.2:7000"));

TEST(Pattern, IsTheSameHoweverItIsCut) {
    const std::string whole = pattern(kKey, 0, 1000);
    for (size_t cut = 0; cut < 40; ++cut) {
        EXPECT_EQ(pattern(kKey, 0, cut) + pattern(kKey, static_cast<int64_t>(cut), 1000 - cut), whole);
        EXPECT_FALSE(first_difference(kKey, static_cast<int64_t>(cut), std::span(whole).subspan(cut)));
    }
}

TEST(Pattern, NamesTheFirstByteThatIsNotItsOwn) {
    for (size_t wrong = 0; wrong < 100; ++wrong) {
        std::string bytes = pattern(kKey, 5, 100);
        bytes[wrong] = static_cast<char>(bytes[wrong] ^ 1);
        EXPECT_EQ(first_difference(kKey, 5, bytes), wrong);
    }
}

TEST(Pattern, NoticesMovedBytesAndThoseOfAnotherConnection) {
    EXPECT_TRUE(first_difference(kKey, 0, pattern(kKey, 8, 64)));
    EXPECT_TRUE(first_difference(kKey, 0, pattern(kKey, 1, 64)));
    EXPECT_TRUE(first_difference(kKey, 0, pattern(stream_key(at("10.0.1.1:40001"), at("10.0.2.2:7000")), 0, 64)));
    EXPECT_TRUE(first_difference(kKey, 0, pattern(stream_key(at("10.0.2.2:7000"), at("10.0.1.1:40000")), 0, 64)));
    EXPECT_TRUE(first_difference(kKey, 0, pattern(fast_open_key(at("10.0.2.2:7000")), 0, 64)));
}

TEST(Pattern, AMappedAddressIsItsIpv4Address) {
    EXPECT_EQ(stream_key(at("[::ffff:10.0.1.1]:40000"), at("[::ffff:10.0.2.2]:7000")), kKey);
}

}  // namespace
}  // namespace tcpwitness::fixture
