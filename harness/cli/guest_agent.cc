#include "cli/guest_agent.hh"

#include <csignal>
#include <memory>

#include "base/error.hh"
#include "guest/agent.hh"
#include "observers/packet_capture.hh"
#include "observers/state_tracer.hh"
#include "run/worker.hh"

namespace tcpwitness {
namespace {

// A probe has no body: its request is the same whatever cases are run, because its answer is kept with the snapshot.
WorkRequest request_in(std::string_view body) {
    return body.empty() ? WorkRequest{} : work_request_from_wire(std::string(body));
}

// Most of what a run's start takes of a software processor. What the kernel refuses is asked again by the run.
void prepare(PreparedRun& run) {
    constexpr int kHosts = 3;  // client, server, path
    try {
        for (int i = 0; i < kHosts; ++i) run.namespaces.emplace_back("spare");
        run.observers.packet_stamps = keep_packet_stamps();
        run.observers.tracer = std::make_unique<StateTracer>();
    } catch (const Error&) { /* the run will say why */
    }
}

}  // namespace

void run_guest_agent() {
    PreparedRun prepared;
    guest::AgentHandlers handlers;
    handlers.prepare = [&prepared] {
        signal(SIGPIPE, SIG_IGN);
        prepare(prepared);
    };
    handlers.handle = [&prepared](std::string_view, std::string_view body) {
        std::string last;
        const auto keep = [&last](const WorkReport& report) {
            if (!report.progress) last = to_wire(report);
        };
        work(request_in(body), keep, &prepared);
        return last;
    };
    guest::run_agent(handlers);
}

}  // namespace tcpwitness
