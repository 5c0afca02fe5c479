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

Machine probe_in_worker(const std::vector<std::string>& programs) {
    const std::unique_ptr<WorkerProcess> worker = start_host_worker();
    WorkRequest request;
    request.programs = programs;
    worker->channel().send(to_wire(request));
    const std::optional<std::string> text = worker->channel().receive();
    if (!text) throw Error("the worker that probes this machine " + worker->wait());
    const WorkReport report = work_report_from_wire(*text);
    if (!report.machine) throw Error(report.broken.value_or("the worker that probes this machine gave no answer"));
    return machine_from_json(*report.machine);
}

}  // namespace

Place host_place(const std::vector<std::string>& programs) {
    Place place{.name = "host", .start_worker = start_host_worker};
    try {
        place.machine = probe_in_worker(programs);
    } catch (const Error& error) {
        place.machine = machine_without_namespaces(error.what());
    }
    place.request = [actor = tcp_actor_executable()](const Plan& plan) {
        WorkRequest request;
        request.plan = plan;
        request.tcp_actor = actor;
        return request;
    };
    return place;
}

}  // namespace tcpwitness
