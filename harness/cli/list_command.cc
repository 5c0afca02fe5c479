// tcpwitness list: the runs that a command line stands for.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/place_choice.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {
namespace {

int list(const Wanted& wanted, const PlaceChoice& choice) {
    std::optional<LoadedCases> loaded = load_or_complain(wanted);
    if (!loaded) return ExitStatus::kUsage;
    const PlacedRuns placed(*loaded, wanted, choice);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    for (const WantedRun& run : placed.runs) {
        const Plan& plan = run.plan;
        const std::string variant = plan.variant.empty() ? "" : fmt::format("[{}]", plan.variant);
        const std::string skip = plan.skip.empty() ? "" : fmt::format("  (skip: {})", plan.skip);
        const std::string place = run.place->guest ? fmt::format("  (on guest kernel {})", run.place->name) : "";
        fmt::print("{}{}  {}{}{}\n", plan.source.file, variant, plan.title, place, skip);
    }
    return placed.runs.empty() ? ExitStatus::kNothingSelected : ExitStatus::kPassed;
}

}  // namespace

void add_list_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    auto choice = std::make_shared<PlaceChoice>();
    CLI::App* command = app.add_subcommand("list", "List the runs of cases, where each is made, and those that must be skipped");
    add_wanted_options(*command, *wanted);
    add_place_options(*command, *choice);
    command->callback([wanted, choice, &status] { status.value = list(*wanted, *choice); });
}

}  // namespace tcpwitness
