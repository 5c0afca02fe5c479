// Place: a kernel that runs can be made on, with what it can do and how a worker for it is started.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plan/machine.hh"
#include "run/worker.hh"
#include "run/worker_process.hh"

namespace tcpwitness {

struct Place {
    std::string name;  // "host", or the release of a guest kernel
    Machine machine;
    std::function<std::unique_ptr<WorkerProcess>()> start_worker;
    std::function<WorkRequest(const Plan&)> request;
};

// This machine's kernel, probed by a worker. `programs` are looked for on PATH. When the kernel refuses a worker its
// namespaces, the Machine says so and every plan for it is a skip.
Place host_place(const std::vector<std::string>& programs);

}  // namespace tcpwitness
