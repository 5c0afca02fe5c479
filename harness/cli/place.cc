#include "cli/place.hh"

#include "base/error.hh"
#include "cli/executable.hh"
#include "run/probe.hh"

namespace tcpwitness {
namespace {

std::unique_ptr<WorkerProcess> start_host_worker() {
    return std::make_unique<WorkerProcess>(own_executable(), std::vector<std::string>{"worker"},
                                           WorkerProcess::Isolation::namespaces);
}

// Throws Error when the worker dies before it answers: that says nothing about the machine.
Machine probe_in_worker(const std::vector<std::string>& programs) {
    std::unique_ptr<WorkerProcess> worker;
    try {
        worker = start_host_worker();
    } catch (const SystemError& refused) {
        return machine_without_namespaces(refused.what());
    }
    WorkRequest request;
    request.programs = programs;
    try {
        worker->channel().send(to_wire(request));
    } catch (const SystemError&) {  // it has ended: what it said before, or how it ended, tells more
    }
    const std::optional<std::string> text = worker->channel().receive();
    if (!text) throw Error("the worker that probes this machine " + worker->wait());
    const WorkReport report = work_report_from_wire(*text);
    if (report.broken) return machine_without_namespaces(*report.broken);
    if (!report.machine) throw Error("the worker that probes this machine gave no answer");
    return machine_from_json(*report.machine);
}

}  // namespace

Place host_place(const std::vector<std::string>& programs) {
    Place place{.name = "host", .machine = probe_in_worker(programs), .start_worker = start_host_worker};
    place.request = [actor = tcp_actor_executable()](const Plan& plan) {
        WorkRequest request;
        request.plan = plan;
        request.tcp_actor = actor;
        return request;
    };
    return place;
}

}  // namespace tcpwitness
