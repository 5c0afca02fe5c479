// Packets captured on a veth pair without offloads (kernel 6.18): one connection over each family, five bytes sent.
#pragma once

#include <string>
#include <string_view>

namespace tcpwitness::testing {

inline std::string from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    return bytes;
}

// SYN of 10.0.1.1:52652 to 10.0.1.2:7000.
inline const std::string kSyn4 = from_hex(
    "4500003c8864400040069c550a0001010a000102cdac1b581cb25eb000000000a002faf0ebba0000020405b40402080a04b7e2300000000001"
    "03030a");
// "hello".
inline const std::string kData4 = from_hex(
    "450000398866400040069c560a0001010a000102cdac1b581cb25eb1b794c50a8018003f4b6300000101080a04b7e23009b1ff9868656c6c6"
    "f");
// SYN ACK of [fd00:1::2]:7000 to [fd00:1::1]:45178.
inline const std::string kSynAck6 = from_hex(
    "6007541300280640fd000001000000000000000000000002fd0000010000000000000000000000011b58b07a57eef5d92619f37ca012fb04ac"
    "780000020405a00402080af86e1f65395a221e0103030a");
inline const std::string kData6 = from_hex(
    "6008a24b00250640fd000001000000000000000000000001fd000001000000000000000000000002b07a1b582619f37c57eef5da8018004092"
    "1900000101080a395a221ef86e1f6568656c6c6f");
// A neighbour advertisement: IPv6, but not TCP.
inline const std::string kIcmp6 = from_hex(
    "6000000000203afffd000001000000000000000000000002fd0000010000000000000000000000018800df1860000000fd0000010000000000"
    "0000000000000202011a4e5bd7c95a");

}  // namespace tcpwitness::testing
