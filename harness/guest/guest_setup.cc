#include "guest/guest_setup.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/random.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <sstream>

#include "base/error.hh"
#include "base/kernel_version.hh"

namespace tcpwitness::guest {
namespace {

struct MountPoint {
    const char* type;
    const char* path;
    bool required;
    const char* options = "";
};

constexpr MountPoint kMountPoints[] = {
    {"proc", "/proc", true},
    {"sysfs", "/sys", true},
    {"devtmpfs", "/dev", true},
    {"devpts", "/dev/pts", false},
    {"tmpfs", "/dev/shm", false, "mode=1777"},
    {"cgroup2", "/sys/fs/cgroup", false},
    {"bpf", "/sys/fs/bpf", false},
    {"tracefs", "/sys/kernel/tracing", false},
};

void load_module(const std::string& path) {
    const FileDescriptor file = open_file(path, O_RDONLY);
    if (syscall(SYS_finit_module, file.get(), "", 0) != 0 && errno != EEXIST)
        throw_system_error("finit_module", path);
}

ifreq loopback_request() {
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
    return request;
}

void assign_loopback(int socket, const std::array<uint8_t, 4>& bytes) {
    ifreq request = loopback_request();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    check_system(ioctl(socket, SIOCSIFADDR, &request), "ioctl SIOCSIFADDR", "lo");
}

// The generator of lib/random32.c cannot be written to, but mixes in every IPv4 address that is assigned to an interface
// (net/ipv4/devinet.c, __inet_insert_ifa).
void seed_prandom(const Seed& seed) {
    const FileDescriptor socket(check_system(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET"));
    for (size_t at = 0; at + 3 <= seed.size(); at += 3)
        assign_loopback(socket.get(), {127, seed[at], seed[at + 1], seed[at + 2]});
    assign_loopback(socket.get(), {127, 0, 0, 1});
}

}  // namespace

void mount_file_systems() {
    for (const MountPoint& point : kMountPoints) {
        if (mkdir(point.path, 0755) != 0 && errno != EEXIST && point.required) throw_system_error("mkdir", point.path);
        if (mount(point.type, point.path, point.type, 0, point.options) == 0 || errno == EBUSY) continue;
        if (point.required) throw_system_error("mount", fmt::format("{} on {}", point.type, point.path));
    }
    check_system(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount", "/ (private)");
}

void open_console() {
    const int console = check_system(open("/dev/console", O_RDWR | O_NOCTTY), "open", "/dev/console");
    for (int standard = 0; standard < 3; ++standard) check_system(dup2(console, standard), "dup2", "/dev/console");
    if (console > 2) close(console);
}

void load_modules(const std::string& list_path) {
    std::istringstream list(read_file(list_path));
    for (std::string path; std::getline(list, path);)
        if (!path.empty()) load_module(path);
}

void quiet_memory_management() {
    // What is done twice a second, and once a second.
    for (const auto& [key, value] : {std::pair{"compaction_proactiveness", "0"}, std::pair{"stat_interval", "86400"}}) {
        const std::string path = fmt::format("/proc/sys/vm/{}", key);
        if (access(path.c_str(), W_OK) == 0) write_file(path, value);
    }
}

Mapping map_exchange() {
    const FileDescriptor memory = open_file("/dev/mem", O_RDWR);
    return Mapping(memory.get(), kExchangeBytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                   static_cast<off_t>(kExchangeAddress), "/dev/mem (exchange range)");
}

void bring_up_loopback() {
    const FileDescriptor socket(check_system(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket", "AF_INET"));
    assign_loopback(socket.get(), {127, 0, 0, 1});
    ifreq request = loopback_request();
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    check_system(ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl SIOCSIFFLAGS", "lo");
}

void allow_ports() { check_system(iopl(3), "iopl", "3"); }

void write_port(unsigned port, unsigned char value) { outb(value, static_cast<unsigned short>(port)); }

void seed_randomness(const Seed& seed) {
    const FileDescriptor random = open_file("/dev/urandom", O_RDWR);
    struct {
        int entropy_bits;
        int bytes;
        Seed content;
    } pool{static_cast<int>(seed.size() * 8), static_cast<int>(seed.size()), seed};
    static_assert(sizeof pool == sizeof(rand_pool_info) + sizeof(Seed));
    check_system(ioctl(random.get(), RNDADDENTROPY, &pool), "ioctl RNDADDENTROPY", "/dev/urandom");
    // The generator in use takes in what the pool holds only when it is told to.
    check_system(ioctl(random.get(), RNDRESEEDCRNG), "ioctl RNDRESEEDCRNG", "/dev/urandom");
    if (running_kernel_version() < kNoPrandom) seed_prandom(seed);
}

}  // namespace tcpwitness::guest
