#include "verdict/case_sockets.hh"

#include <algorithm>

namespace tcpwitness {
namespace {

// An address of a dual-stack socket may be written as a v4-mapped one.
bool same_end(const std::optional<SocketAddress>& a, const std::optional<SocketAddress>& b) {
    if (!a || !b) return !a && !b;
    return a->port == b->port && a->ip.unmapped() == b->ip.unmapped();
}

}  // namespace

bool is_of_the_case(const Timeline& timeline, const SocketLeft& left) {
    if (!left.program.empty()) return true;
    return std::any_of(timeline.sockets.begin(), timeline.sockets.end(), [&left](const Socket& socket) {
        return socket.host == left.host && socket.local.port == left.local.port && same_end(socket.remote, left.remote);
    });
}

}  // namespace tcpwitness
