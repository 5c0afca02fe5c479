#include "run/worker.hh"

#include <sched.h>

#include <csignal>

#include "base/error.hh"
#include "base/json.hh"
#include "control/channel.hh"
#include "run/probe.hh"
#include "run/worker_process.hh"

namespace tcpwitness {
namespace {

constexpr char kProgress = 'P';
constexpr char kSeen = 'S';
constexpr char kTimeline = 'T';
constexpr char kMachine = 'M';
constexpr char kBroken = 'X';
constexpr char kConsole = 'C';

// A host of the stage takes a segment in on the processor that sent it. On several, one could overtake another.
void stay_on_this_processor() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<size_t>(check_system(sched_getcpu(), "sched_getcpu", "")), &here);
    check_system(sched_setaffinity(0, sizeof here, &here), "sched_setaffinity", "worker");
}

}  // namespace

std::string to_wire(const WorkRequest& request) {
    const nlohmann::json options{{"programs", request.programs},
                                 {"tcp_actor", request.tcp_actor},
                                 {"state_tracer", request.observers.state_tracer},
                                 {"tell_events", request.tell_events}};
    return options.dump() + "\n" + (request.plan ? plan_to_json(*request.plan) : "");
}

WorkRequest work_request_from_wire(const std::string& text) {
    try {
        const size_t end = text.find('\n');
        if (end == std::string::npos) throw Error("not a request for a worker: no second line");
        const nlohmann::json json = nlohmann::json::parse(text.substr(0, end));
        WorkRequest request;
        if (end + 1 < text.size()) request.plan = plan_from_json(text.substr(end + 1));
        json.at("programs").get_to(request.programs);
        json.at("tcp_actor").get_to(request.tcp_actor);
        json.at("state_tracer").get_to(request.observers.state_tracer);
        json.at("tell_events").get_to(request.tell_events);
        return request;
    } catch (const nlohmann::json::exception& error) {
        throw Error(std::string("not a request for a worker: ") + error.what());
    }
}

std::string to_wire(const WorkReport& report) {
    if (report.progress)
        return kProgress + nlohmann::json{{"step", report.progress->step}, {"waiting", report.progress->waiting}}.dump();
    if (report.seen) return kSeen + *report.seen;
    if (report.timeline) return kTimeline + *report.timeline;
    if (report.machine) return kMachine + *report.machine;
    if (report.console) return kConsole + *report.console;
    return kBroken + report.broken.value_or("");
}

WorkReport work_report_from_wire(const std::string& text) {
    WorkReport report;
    const std::string body = text.empty() ? "" : text.substr(1);
    switch (text.empty() ? '\0' : text.front()) {
        case kProgress: {
            const nlohmann::json json = nlohmann::json::parse(body);
            report.progress = {json.at("step").get<int>(), json.at("waiting").get<bool>()};
            return report;
        }
        case kSeen: report.seen = body; return report;
        case kTimeline: report.timeline = body; return report;
        case kMachine: report.machine = body; return report;
        case kBroken: report.broken = body; return report;
        case kConsole: report.console = body; return report;
        default: throw Error("not a report of a worker");
    }
}

void work(const WorkRequest& request, const std::function<void(const WorkReport&)>& tell,
          PreparedRun* prepared) {
    try {
        if (!request.plan) {
            tell({.machine = machine_to_json(probe_machine(request.programs))});
            return;
        }
        stay_on_this_processor();
        RunOptions options{
            .tcp_actor = request.tcp_actor, .observers = request.observers, .prepared = prepared};
        options.progress = [&tell](int step, bool waiting) { tell({.progress = WorkReport::Progress{step, waiting}}); };
        if (request.tell_events) {
            options.event = [&tell](const Event& event, const std::vector<Socket>& sockets) {
                tell({.seen = timeline_to_json({.sockets = sockets, .events = {event}})});
            };
        }
        tell({.timeline = timeline_to_json(run_plan(*request.plan, options))});
    } catch (const std::exception& error) {
        tell({.broken = error.what()});
    }
}

int worker_main() {
    signal(SIGPIPE, SIG_IGN);
    Channel channel{FileDescriptor(kWorkerChannel)};
    const std::optional<std::string> text = channel.receive();
    if (!text) return 1;
    const auto tell = [&channel](const WorkReport& report) { channel.send(to_wire(report)); };
    try {
        work(work_request_from_wire(*text), tell);
    } catch (const SystemError&) {
        return 1;  // the runner is gone: there is nobody to tell
    } catch (const std::exception& error) {
        tell({.broken = error.what()});
    }
    return 0;
}

}  // namespace tcpwitness
