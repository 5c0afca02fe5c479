// tcpwitness check: case files are right or wrong, without running anything and without privileges.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/wanted_options.hh"

namespace tcpwitness {

void add_check_command(CLI::App& app, ExitStatus& status) {
    auto wanted = std::make_shared<Wanted>();
    CLI::App* command = app.add_subcommand("check", "Check case files without running anything");
    command->add_option("path", wanted->paths, "Case files and folders of them")->required();
    command->callback([wanted, &status] {
        const std::optional<LoadedCases> loaded = load_or_complain(*wanted);
        if (!loaded) {
            status.value = ExitStatus::kUsage;
        } else if (loaded->cases.empty()) {
            fmt::print(stderr, "tcpwitness: there is no case file\n");
            status.value = ExitStatus::kNothingSelected;
        } else {
            fmt::print("{} {} without a mistake\n", loaded->cases.size(), loaded->cases.size() == 1 ? "case" : "cases");
        }
    });
}

}  // namespace tcpwitness
