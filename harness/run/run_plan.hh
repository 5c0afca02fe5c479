// run_plan: Plan -> Timeline, on the kernel it is called on. The heart of a worker process and of a guest.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "observers/observers.hh"
#include "plan/plan.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

// What every run of a guest has in its snapshot.
struct PreparedRun {
    PreparedObservers observers;
    std::vector<NetworkNamespace> namespaces;  // that nobody has used
};

struct RunOptions {
    std::string tcp_actor;       // path of the fixture that takes calls
    ObserverOptions observers;
    // In a guest: taken for this run, after which the machine ends, so that nothing is taken down.
    PreparedRun* prepared = nullptr;
    // Told when a step begins; `waiting`: it waits for something that may take long, so others may use the processors.
    std::function<void(int step, bool waiting)> progress;
    // Every event as it is observed, in order of observation, with the sockets that are known; may be empty.
    std::function<void(const Event&, const std::vector<Socket>&)> event;
};

// Never throws for what happens in the run: a refusal of the kernel becomes Timeline::unsupported or Timeline::error.
// Must be called in a process that has its own mount, PID and network namespaces, before it makes any thread.
Timeline run_plan(const Plan& plan, const RunOptions& options);

}  // namespace tcpwitness
