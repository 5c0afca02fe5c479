// tcpwitness doctor: what the kernels and the user here can do, and which cases that costs.
#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/guest_files.hh"
#include "cli/place_choice.hh"
#include "cli/wanted_options.hh"
#include "guest/guest_setup.hh"
#include "guest/library_search.hh"

namespace tcpwitness {
namespace {

void print_fact(bool good, const std::string& name, const std::string& detail) {
    fmt::print("  {:<4} {:<17} {}\n", good ? "yes" : "no", name, detail);
}

void print_machine(const Place& place) {
    fmt::print("{}, HZ {}\n", place.where, place.machine.hz);
    for (const Feature& found : place.machine.features) print_fact(found.available, found.name, found.detail);
    for (const auto& [program, found] : place.machine.programs)
        print_fact(found, program, found ? "" : "not on PATH");
    if (place.guest && place.machine.version() < guest::kNoPrandom)
        print_fact(true, "seeded dice", "netem's by way of assigned addresses, not by a seed of their own");
    fmt::print("\n");
}

void print_guests() {
    const guest::GuestConfiguration configuration;
    const std::string qemu = guest::find_program(configuration.qemu, search_path());
    fmt::print("guest kernels\n");
    print_fact(!qemu.empty(), "QEMU", qemu.empty() ? configuration.qemu + " is not on PATH (Debian: qemu-system-x86)" : qemu);
    print_fact(access("/dev/kvm", R_OK | W_OK) == 0, "KVM", "only for --clock real");
    const std::vector<guest::KernelImage> kernels = guest::installed_kernels();
    for (const guest::KernelImage& kernel : kernels)
        print_fact(!kernel.modules.empty(), "kernel", fmt::format("{} ({}{})", kernel.release, kernel.origin,
                                                                  kernel.modules.empty() ? ", without modules" : ""));
    if (kernels.empty()) print_fact(false, "kernel", "none: `tcpwitness kernels fetch 6.12` gets one");
    fmt::print("\n");
}

void print_costs(const std::vector<WantedRun>& runs) {
    std::map<std::string, size_t> costs;
    std::map<std::string, size_t> moved;
    for (const WantedRun& run : runs) {
        if (!run.plan.skip.empty()) ++costs[run.plan.skip];
        if (!run.why.empty()) ++moved[run.why];
    }
    fmt::print("{} runs", runs.size());
    if (costs.empty()) fmt::print(", none of them skipped");
    fmt::print("\n");
    for (const auto& [reason, count] : costs) fmt::print("  {:>4} skipped: {}\n", count, reason);
    for (const auto& [reason, count] : moved) fmt::print("  {:>4} in a guest: {}\n", count, reason);
}

int examine(const Wanted& wanted, const PlaceChoice& choice) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const PlacedRuns placed(*loaded, wanted, choice);
    for (const Place& place : placed.places) print_machine(place);
    print_guests();
    for (const std::string& note : placed.notes) fmt::print("{}\n", note);
    if (!loaded->cases.empty()) print_costs(placed.runs);
    return ExitStatus::kPassed;
}

}  // namespace

void add_doctor_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    auto choice = std::make_shared<PlaceChoice>();
    CLI::App* command = app.add_subcommand("doctor", "Say what the kernels and the user here can do, and which cases that costs");
    command->add_option("path", wanted->paths, "Case files and folders of them (default: cases, when there is such a folder)");
    add_place_options(*command, *choice);
    command->callback([wanted, choice, &status] {
        if (wanted->paths.empty() && std::filesystem::is_directory("cases")) wanted->paths = {"cases"};
        status.value = examine(*wanted, *choice);
    });
}

}  // namespace tcpwitness
