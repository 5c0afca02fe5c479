#include "cli/wanted_options.hh"

#include <fmt/core.h>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/filter.hh"

namespace tcpwitness {

void add_wanted_options(CLI::App& command, Wanted& wanted) {
    command.add_option("path", wanted.paths, "Case files and folders of them; FILE[VARIANT] for one run of a file")
        ->required();
    command.add_option("-k", wanted.filter,
                       "Only runs whose name, tags or claims match: words joined by and, or, not and parentheses");
    command.add_option("--seed", wanted.seed, "Seed of everything random in a run, and of when in a tick it begins (default 1)");
    command
        .add_option_function<std::string>(
            "--family",
            [&wanted](const std::string& name) { wanted.family = name == "ipv6" ? Family::ipv6 : Family::ipv4; },
            "Only runs over this family: ipv4 or ipv6")
        ->check(CLI::IsMember({"ipv4", "ipv6"}));
}

std::optional<LoadedCases> load_or_complain(const Wanted& wanted) {
    LoadedCases loaded;
    try {
        const Filter filter(wanted.filter);  // one that is wrong is told before anything is read
        loaded = load_cases(wanted.paths);
    } catch (const Error& error) {
        fmt::print(stderr, "tcpwitness: {}\n", error.what());
        return std::nullopt;
    }
    if (loaded.diagnostics.empty()) return loaded;
    fmt::print(stderr, "{}", loaded.diagnostics.to_text());
    return std::nullopt;
}

}  // namespace tcpwitness
