// keep_packet_stamps: a trial with one datagram over a loopback interface of its own.
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <ctime>

#include "base/error.hh"
#include "network/namespace.hh"
#include "observers/packet_capture.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDeadline = 1s;

Duration duration_of(const timespec& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void set_loopback_up(int descriptor) {
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    check_system(ioctl(descriptor, SIOCGIFFLAGS, &request), "SIOCGIFFLAGS", "lo");
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    check_system(ioctl(descriptor, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS", "lo");
}

// A datagram socket connected to itself, that asks for stamps.
FileDescriptor echo_socket() {
    FileDescriptor echo(check_system(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET"));
    set_loopback_up(echo.get());
    const int on = 1;
    check_system(setsockopt(echo.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on), "setsockopt", "SO_TIMESTAMPNS");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    check_system(bind(echo.get(), generic, size), "bind", "127.0.0.1");
    check_system(getsockname(echo.get(), generic, &size), "getsockname", "127.0.0.1");
    check_system(connect(echo.get(), generic, size), "connect", "127.0.0.1");
    return echo;
}

// The kernel stamped the datagram before the reading of the clock that follows its sending.
bool stamped_in_passing(int echo) {
    char byte = 0;
    check_system(send(echo, &byte, 1, 0), "send", "127.0.0.1");
    timespec sent{};
    clock_gettime(CLOCK_REALTIME, &sent);
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    check_system(recvmsg(echo, &message, 0), "recvmsg", "127.0.0.1");
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SO_TIMESTAMPNS) return false;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
    return duration_of(stamp) <= duration_of(sent);
}

}  // namespace

FileDescriptor keep_packet_stamps() {
    const NetworkNamespace trial("packet stamps");
    const NamespaceGuard inside(trial);
    FileDescriptor echo = echo_socket();
    const Duration deadline = read_monotonic_clock() + kDeadline;
    while (!stamped_in_passing(echo.get())) {
        if (read_monotonic_clock() > deadline) throw Error("the kernel does not stamp packets as they pass");
        sched_yield();
    }
    return echo;
}

}  // namespace tcpwitness
