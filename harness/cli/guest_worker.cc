#include "cli/guest_worker.hh"

#include <fmt/core.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "cli/guest_agent.hh"
#include "cli/guest_files.hh"
#include "guest/guest.hh"
#include "guest/guest_session.hh"
#include "run/worker.hh"
#include "run/worker_process.hh"

namespace tcpwitness {
namespace {

using nlohmann::json;

constexpr std::string_view kVerifyWords[] = {"once", "twice", "cold"};

// What a guest need not know: it would only differ between machines, or between one command line and another, and a
// longer name takes the guest longer to read.
Plan plan_for_guest(Plan plan) {
    const std::string file = std::filesystem::path(plan.source.file).filename().string();
    plan.id = plan.title = plan.about = plan.reference = {};
    plan.claims = plan.tags = plan.needs = plan.case_text = {};
    plan.source.file = file;
    for (PlanStep& step : plan.steps) step.source.position.file = file;
    const auto rename = [&file](auto& list) {
        for (auto& each : list) each.source.position.file = file;
    };
    Expectations& expected = plan.expectations;
    rename(expected.states), rename(expected.wire), rename(expected.time_wait), rename(expected.sockets);
    rename(expected.counters), rename(expected.spacing), rename(expected.data), rename(expected.exits);
    return plan;
}

// "events/12/at: 1500 in the first run, 1501 in the second".
std::string difference(const std::string& first, const std::string& second) {
    const json left = json::parse(first);
    const json patch = json::diff(left, json::parse(second));
    if (patch.empty()) return "the same values, written differently";
    const auto where = patch.front().at("path").get<std::string>();
    const json::json_pointer place(where);
    const std::string was = left.contains(place) ? left.at(place).dump() : "nothing";
    const std::string is = patch.front().contains("value") ? patch.front().at("value").dump() : "nothing";
    return fmt::format("{}: {} in the first run, {} in the second", where.substr(1), was, is);
}

class GuestWorker {
  public:
    GuestWorker(const GuestOrder& order, Channel& channel)
        : order_(order), channel_(channel), guest_(configured(order)) {}

    void answer(const WorkRequest& request) {
        if (!request.plan) {
            channel_.send(to_wire(WorkReport{.machine = machine_to_json(machine())}));
            return;
        }
        const guest::GuestRequest message = message_for(request);
        const std::string first = run(message);
        const WorkReport report = work_report_from_wire(first);
        if (order_.verify == Verify::no || !report.timeline) return channel_.send(first);
        const WorkReport again = work_report_from_wire(run_anew(message));
        channel_.send(again.timeline == report.timeline ? first : to_wire(not_the_same(*report.timeline, again)));
    }

  private:
    Machine machine() const {
        const WorkReport report = work_report_from_wire(guest_.machine());
        if (!report.machine) throw Error(report.broken.value_or("the guest said nothing of its machine"));
        Machine machine = machine_from_json(*report.machine);
        if (order_.clock == guest::GuestClock::real_time)
            machine.features.push_back({kKvmFeature, guest_.kvm(), guest_.kvm() ? "" : "a software processor runs the guest"});
        return machine;
    }

    static guest::GuestConfiguration configured(const GuestOrder& order) {
        guest::GuestConfiguration configuration = guest_configuration(order.kernel, order.clock);
        configuration.kvm = order.kvm;
        configuration.log = [](const std::string& line) { fmt::print(stderr, "tcpwitness: {}\n", line); };
        return configuration;
    }

    static guest::GuestRequest message_for(const WorkRequest& request) {
        WorkRequest inside = request;
        inside.plan = plan_for_guest(*request.plan);
        inside.tcp_actor = kGuestActor;
        return {.kind = kRunKind,
                .body = to_wire(inside),
                .files = packed_programs(*request.plan),
                .seed = guest::seed_from(request.plan->seed)};
    }

    std::string run(const guest::GuestRequest& message) {
        guest::GuestAnswer answer = session_.run(message, order_.limit);
        if (!answer.console.empty()) channel_.send(to_wire(WorkReport{.console = answer.console}));
        return std::move(answer.body);
    }

    // In a QEMU that never ran anything else.
    std::string run_anew(const guest::GuestRequest& message) const {
        return order_.verify == Verify::cold ? guest_.run_cold(message, order_.limit).body : guest_.run(message, order_.limit).body;
    }

    // The first Timeline, which cannot be believed any more, with what differs.
    static WorkReport not_the_same(const std::string& first, const WorkReport& again) {
        json timeline = json::parse(first);
        timeline["error"] = fmt::format("--verify: the same run twice gave two timelines: {}",
                                        again.timeline ? difference(first, *again.timeline)
                                                       : "the second run broke off: " + again.broken.value_or("no answer"));
        return {.timeline = timeline.dump()};
    }

    GuestOrder order_;
    Channel& channel_;
    guest::Guest guest_;
    guest::GuestSession session_{guest_};
};

}  // namespace

std::vector<std::string> to_words(const GuestOrder& order) {
    return {"guest-worker",
            order.kernel.release,
            order.kernel.image.string(),
            order.kernel.modules.string(),
            order.clock == guest::GuestClock::virtual_time ? "virtual" : "real",
            std::string(kVerifyWords[static_cast<size_t>(order.verify)]),
            order.kvm ? (*order.kvm ? "kvm" : "software") : "unknown",
            std::to_string(order.limit.count())};
}

GuestOrder guest_order_from_words(const std::vector<std::string>& words) {
    if (words.size() != 8) throw Error("not an order for a guest worker");
    GuestOrder order;
    order.kernel = {words[1], words[2], words[3], {}};
    order.clock = words[4] == "virtual" ? guest::GuestClock::virtual_time : guest::GuestClock::real_time;
    for (const Verify verify : {Verify::no, Verify::snapshot, Verify::cold})
        if (words[5] == kVerifyWords[static_cast<size_t>(verify)]) order.verify = verify;
    if (words[6] != "unknown") order.kvm = words[6] == "kvm";
    order.limit = std::chrono::seconds(std::stoll(words[7]));
    return order;
}

int guest_worker_main(const std::vector<std::string>& words) {
    signal(SIGPIPE, SIG_IGN);
    Channel channel{FileDescriptor(kWorkerChannel)};
    std::unique_ptr<GuestWorker> worker;
    while (const std::optional<std::string> text = channel.receive()) {
        try {
            if (!worker) worker = std::make_unique<GuestWorker>(guest_order_from_words(words), channel);
            worker->answer(work_request_from_wire(*text));
        } catch (const guest::GuestError& error) {
            channel.send(to_wire(WorkReport{.console = error.console()}));
            channel.send(to_wire(WorkReport{.broken = error.reason()}));
        } catch (const std::exception& error) {
            channel.send(to_wire(WorkReport{.broken = error.what()}));
        }
    }
    return 0;
}

}  // namespace tcpwitness
