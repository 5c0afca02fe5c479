// What a condition asks of a socket: a named socket of a program, or any socket on a local port of a host; port 0 is any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tcpwitness {

struct SocketQuery {
    std::string host;
    std::string program;
    std::string name;
    std::optional<uint16_t> port;
};

}  // namespace tcpwitness
