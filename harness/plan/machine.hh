// Machine: what one kernel and user can do, probed once and given to the planner as a plain value.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/kernel_version.hh"
#include "base/time.hh"

namespace tcpwitness {

// One thing that a case may need and a kernel or user may lack.
struct Feature {
    std::string name;       // one of feature:: below
    bool available = false;
    std::string detail;     // why not, with the kernel's own words; or what was found
};

namespace feature {
constexpr std::string_view kNamespaces = "namespaces";         // network, mount and PID namespaces of our own
constexpr std::string_view kVeth = "veth";
constexpr std::string_view kIpv6 = "ipv6";
constexpr std::string_view kNetem = "netem";
constexpr std::string_view kTbf = "tbf";
constexpr std::string_view kFq = "fq";
constexpr std::string_view kFqCodel = "fq_codel";
constexpr std::string_view kStateTracer = "state tracer";      // BPF on raw tracepoints
constexpr std::string_view kSockDiag = "sock_diag";
constexpr std::string_view kPacketCapture = "packet capture";
constexpr std::string_view kOverlay = "overlay";               // programs write to a private copy of /var, /run and /tmp
constexpr std::string_view kManyUsers = "many users";          // more than one uid can be taken on
}  // namespace feature

struct Machine {
    std::string kernel_release;
    int hz = 250;                         // ticks a second, CONFIG_HZ
    bool root = false;                    // effective uid 0 in the initial user namespace
    std::vector<Feature> features;
    std::map<std::string, bool> programs; // programs that cases run, found on PATH or not
    std::vector<std::string> sysctls;     // net.* keys that a new network namespace of this kernel has
    bool virtual_time = false;            // waiting takes no real time

    KernelVersion version() const { return parse_kernel_version(kernel_release); }
    bool has(std::string_view feature_name) const;
    const Feature* find(std::string_view feature_name) const;

    // How long TIME_WAIT may last: 60 s (TCP_TIMEWAIT_LEN), and at the longest the end of the timer wheel's
    // bucket that holds it (kernel/time/timer.c: 512 ticks from 64·8² ticks on), plus a slack for measuring.
    DurationRange two_msl() const;
};

std::string machine_to_json(const Machine& machine);
Machine machine_from_json(const std::string& text);

}  // namespace tcpwitness
