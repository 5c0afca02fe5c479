#include "private_network.hh"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "base/error.hh"
#include "base/file_descriptor.hh"

namespace tcpwitness {
namespace {

const bool kRealRoot = geteuid() == 0;

void enter_user_namespace_once() {
    static const bool entered = [] {
        check_system(unshare(CLONE_NEWUSER), "unshare", "user namespace of the test");
        return true;
    }();
    static_cast<void>(entered);
}

}  // namespace

bool is_real_root() {
    return kRealRoot;
}

PrivateNetwork::PrivateNetwork() {
    if (!kRealRoot) enter_user_namespace_once();
    check_system(unshare(CLONE_NEWNET), "unshare", "network namespace of the test");
    const FileDescriptor socket(check_system(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET"));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    check_system(ioctl(socket.get(), SIOCSIFFLAGS, &request), "SIOCSIFFLAGS", "lo");
}

}  // namespace tcpwitness
