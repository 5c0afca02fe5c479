// A socket of another process, looked at through a copy of its descriptor (pidfd_getfd, Linux 5.6). The copy is closed
// at once; the socket is asked, never changed.
#pragma once

#include <optional>

#include "bind/bind_question.hh"

namespace tcpwitness {

// The options of the socket with this inode, which one of `owners` has. Nothing when none of them lets this user: that
// takes what ptrace takes (the same user, and /proc/sys/kernel/yama/ptrace_scope 0; or CAP_SYS_PTRACE).
std::optional<BindOptions> options_of(const std::vector<SocketOwner>& owners, uint64_t inode);

enum class Sight : uint8_t { other, idle, hidden };

struct IdleSocket {
    Sight sight = Sight::other;  // other: not an idle TCP socket on this port in this network namespace
    HeldSocket socket;
};

// For kernels that do not list idle sockets: looks at a descriptor that may be one, bound to `port`. `hidden` when it
// is a TCP socket that this user may not look at, or whose network namespace is not to be known.
IdleSocket look_for_idle(const SocketOwner& owner, uint64_t inode, uint16_t port);

}  // namespace tcpwitness
