#include "live/bind_reader.hh"

#include <net/if.h>
#include <sys/utsname.h>

#include <cstdio>
#include <map>
#include <set>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "live/kernel_options.hh"
#include "live/local_addresses.hh"
#include "live/port_sockets.hh"
#include "live/process_files.hh"
#include "live/socket_descriptor.hh"

namespace tcpwitness {
namespace {

// /proc/sys/net is that of the network namespace of whoever opens it. `fallback` where the kernel has no such key.
std::string setting(const std::string& path, const std::string& fallback) {
    try {
        std::string value = read_file("/proc/sys/net/" + path);
        if (value.ends_with('\n')) value.pop_back();
        return value;
    } catch (const SystemError&) {
        return fallback;
    }
}

bool is_on(const std::string& path) {
    return setting(path, "0") != "0";
}

PortRange port_range() {
    PortRange range;
    std::sscanf(setting("ipv4/ip_local_port_range", "").c_str(), "%hu %hu", &range.low, &range.high);
    return range;
}

std::string kernel_release() {
    utsname name{};
    check_system(uname(&name), "uname", "");
    return name.release;
}

// "tcp: Use bhash2 for v4-mapped-v6 non-wildcard address." went into these two series without what came after it in 6.8.
bool may_overlook_mapped_wildcard(const std::string& release) {
    return release.starts_with("6.1.") || release.starts_with("6.6.");
}

BindMachine read_settings(const WantedBind& wanted) {
    BindMachine machine;
    const bool ipv6 = wanted.address.ip.unmapped().family == Family::ipv6;
    const AddressStanding standing = standing_of(wanted.address.ip, wanted.interface);
    machine.address_is_local = standing.local;
    machine.address_is_tentative = standing.tentative && !standing.local;
    machine.nonlocal_bind = is_on(ipv6 ? "ipv6/ip_nonlocal_bind" : "ipv4/ip_nonlocal_bind");
    char name[IF_NAMESIZE];
    machine.interface_exists = wanted.interface == 0 || if_indextoname(wanted.interface, name) != nullptr;
    machine.first_unprivileged_port =
        static_cast<uint16_t>(std::stoi(setting("ipv4/ip_unprivileged_port_start", "1024")));
    machine.local_ports = port_range();
    machine.reserved_ports = setting("ipv4/ip_local_reserved_ports", "");
    return machine;
}

// One pass over /proc: the owners of what sock_diag told, and on kernels that do not list them the idle sockets.
class SocketSurvey {
  public:
    SocketSurvey(std::vector<HeldSocket>& sockets, uint16_t port, BindSight& sight)
        : sockets_(sockets), port_(port), sight_(sight) {
        for (size_t index = 0; index < sockets_.size(); ++index) {
            if (sockets_[index].inode != 0) by_inode_[sockets_[index].inode].push_back(index);
        }
    }

    void run() {
        std::vector<HeldSocket> idle;
        const ProcessSurvey survey = for_each_socket([&](const SocketOwner& owner, uint64_t inode) {
            const auto known = by_inode_.find(inode);
            if (known != by_inode_.end()) {
                for (const size_t index : known->second) sockets_[index].owners.push_back(owner);
            } else if (!sight_.lists_idle && port_ != 0 && looked_at_.insert(inode).second) {
                IdleSocket found = look_for_idle(owner, inode, port_);
                if (found.sight == Sight::idle) idle.push_back(std::move(found.socket));
                if (found.sight == Sight::hidden) ++sight_.hidden_sockets;
            }
        });
        sight_.processes = survey.processes;
        sight_.closed_processes = survey.closed;
        for (HeldSocket& socket : idle) sockets_.push_back(std::move(socket));
    }

  private:
    std::vector<HeldSocket>& sockets_;
    uint16_t port_;
    BindSight& sight_;
    std::map<uint64_t, std::vector<size_t>> by_inode_;
    std::set<uint64_t> looked_at_;
};

void merge(BindOptions& known, const BindOptions& told) {
    if (told.reuse_address) known.reuse_address = told.reuse_address;
    if (told.reuse_port) known.reuse_port = told.reuse_port;
    if (told.v6_only) known.v6_only = told.v6_only;
}

// By a process's descriptor where there is one, by the kernel itself for the others.
void read_options(std::vector<HeldSocket>& sockets, uint16_t port, BindSight& sight) {
    const KernelOptions kernel = read_kernel_options(port);
    sight.options_refused = kernel.refused;
    for (HeldSocket& socket : sockets) {
        const auto told = kernel.by_cookie.find(socket.cookie);
        if (told != kernel.by_cookie.end())
            merge(socket.options, told->second);
        else if (const std::optional<BindOptions> asked = options_of(socket.owners, socket.inode))
            merge(socket.options, *asked);
        if (socket.family == Family::ipv4) socket.options.v6_only = false;
    }
}

}  // namespace

BindReading read_bind_machine(const WantedBind& wanted) {
    BindReading reading{.machine = read_settings(wanted)};
    reading.sight.kernel = kernel_release();
    reading.machine.may_overlook_mapped_wildcard = may_overlook_mapped_wildcard(reading.sight.kernel);
    reading.sight.lists_idle = lists_idle_sockets();
    std::vector<HeldSocket>& sockets = reading.machine.sockets;
    sockets = sockets_on_port(wanted.address.port);
    if (wanted.address.port == 0) return reading;
    SocketSurvey(sockets, wanted.address.port, reading.sight).run();
    read_options(sockets, wanted.address.port, reading.sight);
    reading.machine.sees_idle_sockets =
        reading.sight.lists_idle || (reading.sight.closed_processes == 0 && reading.sight.hidden_sockets == 0);
    return reading;
}

bool default_v6_only() {
    return is_on("ipv6/bindv6only");
}

}  // namespace tcpwitness
