#include "run/probe.hh"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sstream>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "network/link.hh"
#include "network/qdisc.hh"
#include "network/sysctl.hh"
#include "observers/observers.hh"
#include "run/private_filesystem.hh"

namespace tcpwitness {
namespace {

// The coarse clocks advance once a tick, and say so: their resolution is 1/CONFIG_HZ.
int ticks_per_second() {
    timespec resolution{};
    check_system(clock_getres(CLOCK_MONOTONIC_COARSE, &resolution), "clock_getres", "CLOCK_MONOTONIC_COARSE");
    return static_cast<int>(std::lround(1e9 / static_cast<double>(resolution.tv_nsec)));
}

// The initial user namespace maps every uid to itself.
bool is_real_root() {
    std::istringstream map(read_file("/proc/self/uid_map"));
    uint64_t inside = 0;
    uint64_t outside = 0;
    uint64_t count = 0;
    map >> inside >> outside >> count;
    return geteuid() == 0 && inside == 0 && outside == 0 && count == 4294967295;
}

bool is_on_path(const std::string& program) {
    if (program.find('/') != std::string::npos) return access(program.c_str(), X_OK) == 0;
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
    }
    return false;
}

// Tries something; what it throws is the reason why the feature is not there.
Feature try_feature(std::string_view name, const std::function<std::string()>& attempt) {
    try {
        return {std::string(name), true, attempt()};
    } catch (const std::exception& error) {
        return {std::string(name), false, error.what()};
    }
}

std::vector<Feature> probe_observers(const NetworkNamespace& host) {
    Feature tracer{std::string(feature::kStateTracer), false, ""};
    Feature diag = try_feature(feature::kSockDiag, [&] {
        const Observers observers({{.network_namespace = &host}}, {}, Duration{}, [](const Event&) {});
        tracer.available = observers.observed().exact_states;
        tracer.detail = observers.tracer_refusal();
        return std::string();
    });
    Feature capture = diag;
    capture.name = feature::kPacketCapture;
    return {diag, capture, tracer};
}

// Setting a queue on a link is the only way to learn whether the kernel has it.
Feature queue_feature(std::string_view name, const NetworkNamespace& host, const QdiscSettings& settings) {
    return try_feature(name, [&] {
        set_qdisc(host, "client0", settings);
        return std::string();
    });
}

std::vector<Feature> probe_queues(const NetworkNamespace& host) {
    NetemSettings netem;
    netem.delay = std::chrono::milliseconds(1);
    const TbfSettings tbf{.rate_bits_per_second = 1'000'000, .burst_bytes = 10'000, .limit_bytes = 100'000};
    return {queue_feature(feature::kNetem, host, netem), queue_feature(feature::kTbf, host, tbf),
            queue_feature(feature::kFq, host, FqSettings{}), queue_feature(feature::kFqCodel, host, FqCodelSettings{})};
}

std::string try_overlay() {
    PrivateFilesystem filesystem({PlanProgram{.name = "probe", .command = {"true"}}});
    return {};
}

}  // namespace

Machine probe_machine(const std::vector<std::string>& programs) {
    utsname name{};
    check_system(uname(&name), "uname", "");
    Machine machine{.kernel_release = name.release, .hz = ticks_per_second(), .root = is_real_root()};
    for (const std::string& program : programs) machine.programs[program] = is_on_path(program);

    const NetworkNamespace left("client");
    const NetworkNamespace right("server");
    machine.sysctls = sysctl_keys(left);
    machine.features.push_back({std::string(feature::kNamespaces), true, ""});
    machine.features.push_back(try_feature(feature::kVeth, [&] {
        make_veth_pair({&left, "client0", "02:00:00:00:00:01"}, {&right, "server0", "02:00:00:00:00:02"}, 1500);
        return std::string();
    }));
    for (Feature& found : probe_queues(left)) machine.features.push_back(std::move(found));
    machine.features.push_back({std::string(feature::kIpv6), std::filesystem::exists("/proc/sys/net/ipv6"), ""});
    machine.features.push_back(try_feature(feature::kOverlay, try_overlay));
    machine.features.push_back({std::string(feature::kManyUsers), machine.root, machine.root ? "" : "not root"});
    for (Feature& found : probe_observers(left)) machine.features.push_back(std::move(found));
    return machine;
}

Machine machine_without_namespaces(const std::string& why) {
    utsname name{};
    check_system(uname(&name), "uname", "");
    Machine machine{.kernel_release = name.release, .hz = ticks_per_second()};
    machine.features.push_back({std::string(feature::kNamespaces), false, why});
    return machine;
}

}  // namespace tcpwitness
