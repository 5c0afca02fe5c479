// The options of sockets as the kernel itself has them, by a BPF iterator: of mini-sockets and orphans too, which no
// descriptor leads to. For root only.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bind/bind_question.hh"

namespace tcpwitness {

struct KernelOptions {
    std::map<uint64_t, BindOptions> by_cookie;  // of the sockets that sock_diag has told before
    std::string refused;                        // why nothing could be read; empty when it could
};

// Of the TCP sockets on `port` in the network namespace that the thread is in.
KernelOptions read_kernel_options(uint16_t port);

}  // namespace tcpwitness
