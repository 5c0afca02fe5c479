// tcpwitness plan: the Plans of cases as JSON, one a line: what a run would do.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/place_choice.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {
namespace {

int print_plans(const Wanted& wanted, const PlaceChoice& choice) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const PlacedRuns placed(*loaded, wanted, choice);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    for (const WantedRun& run : placed.runs) fmt::print("{}\n", plan_to_json(run.plan, 2));
    return placed.runs.empty() ? ExitStatus::kNothingSelected : ExitStatus::kPassed;
}

}  // namespace

void add_plan_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    auto choice = std::make_shared<PlaceChoice>();
    CLI::App* command = app.add_subcommand("plan", "Print the plans of cases as JSON, without running them");
    add_wanted_options(*command, *wanted);
    add_place_options(*command, *choice);
    command->callback([wanted, choice, &status] { status.value = print_plans(*wanted, *choice); });
}

}  // namespace tcpwitness
