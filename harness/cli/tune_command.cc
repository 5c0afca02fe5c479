// tcpwitness tune: what settings change for a program: the cases under the kernel's defaults and under a profile.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <memory>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/commands.hh"
#include "cli/kernel_keys.hh"
#include "cli/output_place.hh"
#include "cli/terminal.hh"
#include "cli/tune_session.hh"
#include "cli/wanted_options.hh"
#include "page/tuning_page.hh"
#include "report/tuning_text.hh"

namespace tcpwitness {
namespace {

struct TuneArguments {
    std::string profile;
    std::vector<std::string> settings;  // "key=value"
    Wanted wanted{.paths = {"cases"}};
    PlaceChoice choice{.kernel = "host"};
    std::string format = "human";
    std::string output;
    std::string colour = "auto";
};

// Settings of the command line follow the profile's lines and replace what it says of the same keys.
std::vector<Setting> read_settings(const TuneArguments& arguments, std::vector<std::string>& lines, Diagnostics& diagnostics) {
    std::vector<Setting> settings;
    if (!arguments.profile.empty()) {
        const std::string text = read_file(arguments.profile);
        settings = parse_profile(text, arguments.profile, diagnostics);
        lines = split_lines(text);
    }
    const int before = static_cast<int>(lines.size());
    const std::string words = fmt::format("{}\n", fmt::join(arguments.settings, "\n"));
    for (Setting& setting : parse_profile(words, "--sysctl", diagnostics)) {
        std::erase_if(settings, [&setting](const Setting& earlier) { return earlier.key == setting.key; });
        setting.line += before;
        settings.push_back(std::move(setting));
    }
    lines.insert(lines.end(), arguments.settings.begin(), arguments.settings.end());
    return settings;
}

int tune(const TuneArguments& arguments) {
    if (!arguments.output.empty()) check_output_file(arguments.output);
    Diagnostics diagnostics;
    std::vector<std::string> lines;
    const std::vector<Setting> settings = read_settings(arguments, lines, diagnostics);
    std::optional<LoadedCases> loaded = load_or_complain(arguments.wanted);
    if (!loaded) return ExitStatus::kUsage;
    PlacedRuns placed(*loaded, arguments.wanted, arguments.choice);
    if (placed.places.size() != 1) throw Error("tune: give one kernel");
    if (!diagnostics.empty()) {
        fmt::print(stderr, "{}", diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    if (settings.empty()) throw Error("tune: give a profile or --sysctl KEY=VALUE");
    const Place& place = placed.places.front();
    Tuning tuning{.profile = arguments.profile.empty() ? fmt::format("{}", fmt::join(arguments.settings, ", "))
                                                       : arguments.profile,
                  .lines = std::move(lines),
                  .where = place.where};
    tuning.settings = sort_settings(settings, place.machine, kernel_keys(place.guest ? place.name : ""));
    tuning.skipped =
        static_cast<size_t>(std::erase_if(placed.runs, [](const WantedRun& run) { return !run.plan.skip.empty(); }));
    if (placed.runs.empty()) return ExitStatus::kNothingSelected;
    if (const int status = TuneSession(std::move(placed.runs), tuning.settings).compare(tuning); status != 0)
        return status;
    if (!arguments.output.empty()) write_file(arguments.output, tuning_page(tuning));
    const Style style = output_style(arguments.colour, 100);
    fmt::print("{}", arguments.format == "json" ? tuning_json(tuning) : tuning_text(tuning, style));
    return ExitStatus::kPassed;
}

}  // namespace

void add_tune_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<TuneArguments>();
    CLI::App* command = app.add_subcommand("tune", "What kernel settings change for a program, shown by the cases");
    command->add_option("profile", arguments->profile, "A file as in /etc/sysctl.d")->check(CLI::ExistingFile);
    command->add_option("--sysctl", arguments->settings, "KEY=VALUE; may be given several times, over the profile")
        ->allow_extra_args(false);
    command
        ->add_option("--cases", arguments->wanted.paths,
                     "A case file or folder; may be given several times (default: cases)")
        ->allow_extra_args(false);
    command->add_option("-k", arguments->wanted.filter, "Only runs whose name, tags or claims match");
    add_place_options(*command, arguments->choice);
    command->get_option("--kernel")
        ->description(
            "host (default), or one guest kernel, where runs are exact and differences small enough to trust");
    command->add_option("-o,--out", arguments->output, "Also write a page for a browser: the profile line by line");
    command->add_option("--format", arguments->format, "human or json")->check(CLI::IsMember({"human", "json"}));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] {
        try {
            status.value = tune(*arguments);
        } catch (const Error& error) {
            fmt::print(stderr, "tcpwitness: {}\n", error.what());
            status.value = ExitStatus::kUsage;
        }
    });
}

}  // namespace tcpwitness
