// tcpwitness doctor: what this kernel and user can do, and which cases that costs.
#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <memory>

#include "cli/commands.hh"
#include "cli/place.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {
namespace {

void print_machine(const Machine& machine) {
    fmt::print("kernel {}, HZ {}, {}\n\n", machine.kernel_release, machine.hz, machine.root ? "root" : "not root");
    for (const Feature& found : machine.features)
        fmt::print("  {:<4} {:<17} {}\n", found.available ? "yes" : "no", found.name, found.detail);
    for (const auto& [program, found] : machine.programs)
        fmt::print("  {:<4} {:<17} {}\n", found ? "yes" : "no", program, found ? "" : "not on PATH");
}

void print_costs(const std::vector<Plan>& plans) {
    std::map<std::string, size_t> costs;
    for (const Plan& plan : plans) {
        if (!plan.skip.empty()) ++costs[plan.skip];
    }
    fmt::print("\n{} runs", plans.size());
    if (costs.empty()) fmt::print(", none of them skipped on this machine");
    fmt::print("\n");
    for (const auto& [reason, count] : costs) fmt::print("  {:>4} skipped: {}\n", count, reason);
}

int examine(const Wanted& wanted) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const Place place = host_place(programs_needed(loaded->cases));
    print_machine(place.machine);
    if (!loaded->cases.empty()) print_costs(select_plans(*loaded, wanted, place.machine));
    return ExitStatus::kPassed;
}

}  // namespace

void add_doctor_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App* command = app.add_subcommand("doctor", "Say what this kernel and user can do, and which cases that costs");
    command->add_option("path", wanted->paths, "Case files and folders of them (default: cases, when there is such a folder)");
    command->callback([wanted, &status] {
        if (wanted->paths.empty() && std::filesystem::is_directory("cases")) wanted->paths = {"cases"};
        status.value = examine(*wanted);
    });
}

}  // namespace tcpwitness
