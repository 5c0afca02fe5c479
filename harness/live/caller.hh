// Who would make the socket: the user it would belong to, and whether that one may bind privileged ports.
#pragma once

#include <sys/types.h>

namespace tcpwitness {

struct Caller {
    unsigned user = 0;
    bool may_bind_any_port = false;  // CAP_NET_BIND_SERVICE in the user namespace that owns the network namespace
};

// Of a process, as the network namespace sees it that this thread is in. Throws SystemError.
Caller caller_of(pid_t process);
// A process of that user without anything special: root has all capabilities, others have none.
Caller caller_with_user(unsigned user);

}  // namespace tcpwitness
