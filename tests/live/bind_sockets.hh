// A host with loopback only, and sockets on it in every state and with every option that bind() looks at.
#pragma once

#include <string>
#include <vector>

#include "base/file_descriptor.hh"
#include "bind/bind_question.hh"
#include "network/namespace.hh"

namespace tcpwitness {

// One network namespace in which the test stays: loopback is up, with 127/8, ::1 and fd00::1.
class LoopbackHost {
  public:
    LoopbackHost();

  private:
    NetworkNamespace network_{"loopback"};
    NamespaceGuard inside_;
};

// An address as a socket is bound to it.
struct BoundTo {
    std::string name;
    Family family = Family::ipv4;  // of the socket
    IpAddress ip;
    bool v6_only = false;
    IpAddress peer;  // where a client reaches it
};
const std::vector<BoundTo>& bound_addresses();

struct Options {
    bool reuse_address = false;
    bool reuse_port = false;
};
constexpr Options kEveryOptions[] = {{false, false}, {false, true}, {true, false}, {true, true}};
std::string to_string(const Options& options);

constexpr TcpState kOldStates[] = {TcpState::listen,     TcpState::established, TcpState::fin_wait_2,
                                   TcpState::close_wait, TcpState::time_wait,   TcpState::closed};

FileDescriptor make_socket(const BoundTo& where, const Options& options);
// 0, or the errno.
int try_bind(const FileDescriptor& socket, const IpAddress& ip, uint16_t port);

// A socket on `port` in the state, and whatever keeps it there.
struct OldSocket {
    std::vector<FileDescriptor> kept;
};
OldSocket make_old_socket(TcpState state, const BoundTo& where, const Options& options, uint16_t port);

}  // namespace tcpwitness
