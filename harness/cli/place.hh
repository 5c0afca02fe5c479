// Place: a kernel that runs can be made on, with what it can do and how a worker for it is started.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/guest_worker.hh"
#include "plan/machine.hh"
#include "run/worker.hh"
#include "run/worker_process.hh"

namespace tcpwitness {

struct Place {
    std::string name;     // "host", or the release of a guest kernel
    std::string label;    // how tables call it: "host", "6.12"
    std::string where;    // for people: "kernel 6.18.44, root", "guest kernel 6.12.107 in virtual time"
    std::string options;  // of the command line that choose it: " --kernel 6.12.107+deb13-cloud-amd64"
    bool guest = false;   // its workers make one run after the other
    Machine machine;
    std::function<std::unique_ptr<WorkerProcess>()> start_worker;
    std::function<WorkRequest(const Plan&)> request;
    std::function<Duration(const Plan&)> expected;  // real time that a run takes
    std::function<Duration(const Plan&)> limit;     // real time after which its worker is taken for hung
};

// This machine's kernel, probed by a worker. `programs` are looked for on PATH. When the kernel refuses a worker its
// namespaces, the Machine says so and every plan for it is a skip.
Place host_place(const std::vector<std::string>& programs);

// How guests are to run.
struct GuestWishes {
    guest::GuestClock clock = guest::GuestClock::virtual_time;
    Verify verify = Verify::no;
};

// One place for each kernel, in their order. All are booted (or found as snapshots) at the same time.
// Throws Error naming the kernel that cannot be run, with the end of its console.
std::vector<Place> guest_places(const std::vector<guest::KernelImage>& kernels, const GuestWishes& wishes,
                                const std::vector<std::string>& programs);

}  // namespace tcpwitness
