// tcpwitness list: the runs that a command line stands for.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/place.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {
namespace {

int list(const Wanted& wanted) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const Place place = host_place(programs_needed(loaded->cases));
    const std::vector<Plan> plans = select_plans(*loaded, wanted, place.machine);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    for (const Plan& plan : plans) {
        const std::string variant = plan.variant.empty() ? "" : fmt::format("[{}]", plan.variant);
        const std::string skip = plan.skip.empty() ? "" : fmt::format("  (skip: {})", plan.skip);
        fmt::print("{}{}  {}{}\n", plan.source.file, variant, plan.title, skip);
    }
    return plans.empty() ? ExitStatus::kNothingSelected : ExitStatus::kPassed;
}

}  // namespace

void add_list_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App* command = app.add_subcommand("list", "List the runs of cases, with those that this machine must skip");
    add_wanted_options(*command, *wanted);
    command->callback([wanted, &status] { status.value = list(*wanted); });
}

}  // namespace tcpwitness
