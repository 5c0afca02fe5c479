// tcpwitness plan: the Plans of cases as JSON, one a line: what a run would do.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/place.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {
namespace {

int print_plans(const Wanted& wanted) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const Place place = host_place(programs_needed(loaded->cases));
    const std::vector<Plan> plans = select_plans(*loaded, wanted, place.machine);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    for (const Plan& plan : plans) fmt::print("{}\n", plan_to_json(plan));
    return plans.empty() ? ExitStatus::kNothingSelected : ExitStatus::kPassed;
}

}  // namespace

void add_plan_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App* command = app.add_subcommand("plan", "Print the plans of cases for this machine as JSON, without running them");
    add_wanted_options(*command, *wanted);
    command->callback([wanted, &status] { status.value = print_plans(*wanted); });
}

}  // namespace tcpwitness
