// Sockets and questions for the tests of bind/.
#pragma once

#include "bind/bind_question.hh"

namespace tcpwitness {

inline WantedBind wanted(const char* address, bool reuse_address = false, bool reuse_port = false) {
    return {.address = *SocketAddress::parse(address),
            .reuse_address = reuse_address,
            .reuse_port = reuse_port,
            .user = 1000,
            .may_bind_any_port = false};
}

// With both options off unless said, of the user 1000.
inline HeldSocket held(const char* address, TcpState state, bool reuse_address = false, bool reuse_port = false) {
    HeldSocket socket{.local = *SocketAddress::parse(address), .state = state, .user = 1000, .inode = 7};
    socket.family = socket.local.ip.family;
    socket.options = {reuse_address, reuse_port, false};
    return socket;
}

inline HeldSocket mini_socket(const char* address, std::optional<bool> reuse_address) {
    HeldSocket socket = held(address, TcpState::time_wait);
    socket.mini_socket = true;
    socket.inode = 0;
    socket.user = 0;
    socket.left = std::chrono::milliseconds(41200);
    socket.options.reuse_address = reuse_address;
    if (!reuse_address) socket.options.reuse_port = std::nullopt;
    return socket;
}

inline BindMachine machine(std::vector<HeldSocket> sockets) {
    return {.sockets = std::move(sockets)};
}

}  // namespace tcpwitness
