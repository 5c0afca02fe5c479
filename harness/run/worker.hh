// Worker: the process that one run lives in. It takes a request on its Channel and answers with a Timeline (or, asked for
// a probe, with a Machine). The same request and answer travel to and from a guest.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plan/machine.hh"
#include "run/run_plan.hh"

namespace tcpwitness {

struct WorkRequest {
    std::optional<Plan> plan;           // run it; absent: probe the machine
    std::vector<std::string> programs;  // of a probe: look for these on PATH
    std::string tcp_actor;              // path
    ObserverOptions observers;
    bool tell_events = false;  // report every event as it is observed
};

std::string to_wire(const WorkRequest& request);
// Throws Error when `text` is no request.
WorkRequest work_request_from_wire(const std::string& text);

// What a worker tells while it works and when it is done. Exactly one member is set.
struct WorkReport {
    struct Progress {
        int step = 0;
        bool waiting = false;
    };
    std::optional<Progress> progress;
    std::optional<std::string> seen;      // JSON of a Timeline with one event and the sockets that are known
    std::optional<std::string> timeline;  // JSON; the last report
    std::optional<std::string> machine;   // JSON; the last report
    std::optional<std::string> broken;    // the worker itself could not be set up; the last report
    std::optional<std::string> console;   // what a guest printed
};

std::string to_wire(const WorkReport& report);
WorkReport work_report_from_wire(const std::string& text);

// Does what a request asks for, in a process with namespaces of its own. Never throws.
// `tell` gets every report, the last one included. `prepared`: see RunOptions.
void work(const WorkRequest& request, const std::function<void(const WorkReport&)>& tell,
          PreparedRun* prepared = nullptr);

// The main function of a worker process: one request from descriptor 3, reports to it. Returns the exit status.
int worker_main();

}  // namespace tcpwitness
