#include "base/address.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

TEST(Address, ReadsAndWritesBothFamilies) {
    for (const char* text : {"10.0.0.1:80", "[2001:db8::1]:65535", "0.0.0.0:0", "[::]:7000"}) {
        const auto address = SocketAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_string(*address), text);
    }
}

TEST(Address, RefusesWhatIsNoAddress) {
    for (const char* text : {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:65536", "10.0.0:80", "2001:db8::1:80", "[10.0.0.1]:80", "x:1"})
        EXPECT_FALSE(SocketAddress::parse(text)) << text;
}

TEST(Address, SurvivesTheKernelsForm) {
    for (const char* text : {"10.1.2.3:7000", "[fd00::2]:7000"}) {
        const SocketAddress address = *SocketAddress::parse(text);
        sockaddr_storage storage;
        EXPECT_EQ(address.to_kernel(storage), text[0] == '[' ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
        EXPECT_EQ(SocketAddress::from_kernel(storage), address);
    }
}

TEST(Address, UnmapsOnlyMappedAddresses) {
    EXPECT_EQ(to_string(IpAddress::parse("::ffff:10.0.0.1")->unmapped()), "10.0.0.1");
    EXPECT_EQ(to_string(IpAddress::parse("fd00::1")->unmapped()), "fd00::1");
}

}  // namespace
}  // namespace tcpwitness
