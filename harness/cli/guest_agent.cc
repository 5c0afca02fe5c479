#include "cli/guest_agent.hh"

#include <csignal>
#include <memory>

#include "base/error.hh"
#include "guest/agent.hh"
#include "observers/state_tracer.hh"
#include "run/worker.hh"

namespace tcpwitness {
namespace {

// A probe has no body: its request is the same whatever cases are run, because its answer is kept with the snapshot.
WorkRequest request_in(std::string_view body) {
    return body.empty() ? WorkRequest{} : work_request_from_wire(std::string(body));
}

}  // namespace

void run_guest_agent() {
    // Loaded before the snapshot: 0.5 s of a software processor's time. A kernel that refuses is asked again by the run,
    // which tells why.
    auto tracer = std::make_shared<std::unique_ptr<StateTracer>>();
    guest::AgentHandlers handlers;
    handlers.prepare = [tracer] {
        signal(SIGPIPE, SIG_IGN);
        try {
            *tracer = std::make_unique<StateTracer>();
        } catch (const Error&) {
            tracer->reset();
        }
    };
    handlers.handle = [tracer](std::string_view, std::string_view body) {
        std::string last;
        const auto keep = [&last](const WorkReport& report) {
            if (!report.progress) last = to_wire(report);
        };
        work(request_in(body), keep, [tracer] { return std::move(*tracer); });
        return last;
    };
    guest::run_agent(handlers);
}

}  // namespace tcpwitness
