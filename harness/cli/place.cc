#include "cli/place.hh"

#include <fmt/core.h>

#include "base/error.hh"
#include "cli/executable.hh"
#include "cli/guest_files.hh"
#include "guest/guest.hh"
#include "guest/library_search.hh"
#include "run/probe.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

// A worker needs this long beyond its plan's own time-out only when it hangs.
constexpr Duration kGraceOfWorker = 30s;

// A guest's worker has a watchdog of its own, which counts the guest's processor time.
constexpr Duration kLastResort = 30min;

std::unique_ptr<WorkerProcess> start_host_worker() {
    return std::make_unique<WorkerProcess>(own_executable(), std::vector<std::string>{"worker"},
                                           WorkerProcess::Isolation::namespaces);
}

void ask_machine(WorkerProcess& worker, const std::vector<std::string>& programs) {
    WorkRequest request;
    request.programs = programs;
    try {
        worker.channel().send(to_wire(request));
    } catch (const SystemError&) {  // it has ended: what it said before, or how it ended, tells more
    }
}

// What a worker that was asked says of its machine. Throws Error with what it, or its guest, said instead.
Machine machine_of(WorkerProcess& worker) {
    std::string console;
    while (const std::optional<std::string> text = worker.channel().receive()) {
        const WorkReport report = work_report_from_wire(*text);
        if (report.machine) return machine_from_json(*report.machine);
        if (report.console) console = *report.console;
        if (report.broken) throw guest::GuestError(*report.broken, console);
    }
    throw Error("the worker that probes the machine " + worker.wait() + " before it answered");
}

// Words of a command line that choose the kernel again.
std::string guest_options(const guest::KernelImage& kernel, guest::GuestClock clock) {
    const bool by_name = kernel.origin == "cache" || kernel.origin == "/boot";
    std::string options = fmt::format(" --kernel {}", by_name ? kernel.release : kernel.image.string());
    if (!by_name && !kernel.modules.empty()) options += fmt::format(" --modules {}", kernel.modules.string());
    return clock == guest::GuestClock::real_time ? options + " --clock real" : options;
}

Place guest_place(const GuestOrder& order) {
    const bool virtual_time = order.clock == guest::GuestClock::virtual_time;
    Place place{.name = order.kernel.release, .label = order.kernel.release, .guest = true};
    place.options = guest_options(order.kernel, order.clock);
    place.where = fmt::format("guest kernel {} in {} time", place.name, virtual_time ? "virtual" : "real");
    place.start_worker = [words = to_words(order)] {
        return std::make_unique<WorkerProcess>(own_executable(), words, WorkerProcess::Isolation::none);
    };
    place.request = [](const Plan& plan) { return WorkRequest{.plan = plan}; };
    place.expected = [virtual_time](const Plan& plan) { return virtual_time ? 1s : plan.expected_duration; };
    place.limit = [virtual_time](const Plan& plan) {
        return kLastResort + (virtual_time ? Duration{} : plan.timeout);
    };
    return place;
}

// When the kernel refuses a worker its namespaces, that is what the machine can do. A worker that dies says nothing
// about the machine: throws Error.
Machine probe_this_machine(const std::vector<std::string>& programs) {
    try {
        const std::unique_ptr<WorkerProcess> worker = start_host_worker();
        ask_machine(*worker, programs);
        return machine_of(*worker);
    } catch (const SystemError& refused) {
        return machine_without_namespaces(refused.what());
    } catch (const guest::GuestError& refused) {
        return machine_without_namespaces(refused.reason());
    }
}

}  // namespace

Place host_place(const std::vector<std::string>& programs) {
    Place place{
        .name = "host", .label = "host", .machine = probe_this_machine(programs), .start_worker = start_host_worker};
    place.where = fmt::format("kernel {}, {}", place.machine.kernel_release, place.machine.root ? "root" : "rootless");
    place.request = [actor = tcp_actor_executable()](const Plan& plan) {
        WorkRequest request;
        request.plan = plan;
        request.tcp_actor = actor;
        return request;
    };
    place.expected = [](const Plan& plan) { return plan.expected_duration; };
    place.limit = [](const Plan& plan) { return plan.timeout + kGraceOfWorker; };
    return place;
}

std::vector<Place> guest_places(const std::vector<guest::KernelImage>& kernels, const GuestWishes& wishes,
                                const std::vector<std::string>& programs) {
    std::vector<GuestOrder> orders;
    std::vector<std::unique_ptr<WorkerProcess>> workers;
    for (const guest::KernelImage& kernel : kernels) {
        orders.push_back({.kernel = kernel, .clock = wishes.clock, .verify = wishes.verify});
        workers.push_back(guest_place(orders.back()).start_worker());
        ask_machine(*workers.back(), {});
    }
    std::vector<Place> places;
    for (size_t i = 0; i < orders.size(); ++i) {
        try {
            Machine machine = machine_of(*workers[i]);
            if (const Feature* kvm = machine.find(kKvmFeature)) orders[i].kvm = kvm->available;
            places.push_back(guest_place(orders[i]));
            machine.virtual_time = wishes.clock == guest::GuestClock::virtual_time;
            places.back().machine = std::move(machine);
        } catch (const Error& error) {
            throw Error(fmt::format("guest kernel {}: {}", orders[i].kernel.release, error.what()));
        }
        // They come from this machine, packed.
        for (const std::string& program : programs)
            places.back().machine.programs[program] = !guest::find_program(program, search_path()).empty();
    }
    return places;
}

}  // namespace tcpwitness
