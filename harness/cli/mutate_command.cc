// tcpwitness mutate: would the cases notice if they expected something else?
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <regex>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/record_argument.hh"
#include "cli/record_paths.hh"
#include "cli/recorded_runs.hh"
#include "cli/terminal.hh"
#include "cli/wanted_options.hh"
#include "report/mutation_text.hh"

namespace tcpwitness {
namespace {

struct MutateArguments {
    Wanted wanted;
    PlaceChoice choice;
    std::string format = "human";
    std::string colour = "auto";
    std::vector<std::string> explained;
};

// "FILE:LINE: REASON".
void explain(Mutations& mutations, const std::string& text) {
    static const std::regex kForm("(.+?):([0-9]+): *(.+)");
    std::smatch parts;
    if (!std::regex_match(text, parts, kForm)) throw CLI::ValidationError("--explain", "must be FILE:LINE: REASON, not '" + text + "'");
    mutations.explain(parts[1], std::stoi(parts[2]), parts[3]);
}

// What is no record is told, and nothing is judged then.
bool read_records(const std::vector<std::string>& paths, Mutations& mutations) {
    for (const std::string& path : paths) {
        for (const std::string& file : record_files(path)) {
            const std::optional<Record> record = read_or_complain(file);
            if (!record) return false;
            mutations.add(*record);
        }
    }
    return true;
}

int status_of(const Mutations& mutations) {
    if (!mutations.not_passed().empty() || mutations.unexplained() > 0) return ExitStatus::kFailed;
    return mutations.judged() == 0 ? ExitStatus::kSkipped : ExitStatus::kPassed;
}

int mutate(const MutateArguments& arguments) {
    const std::vector<std::string>& paths = arguments.wanted.paths;
    const auto records = std::count_if(paths.begin(), paths.end(), names_records);
    if (records != 0 && static_cast<size_t>(records) != paths.size()) {
        fmt::print(stderr, "tcpwitness: give case files or records, not both\n");
        return ExitStatus::kUsage;
    }
    Mutations mutations;
    for (const std::string& text : arguments.explained) explain(mutations, text);
    if (records != 0) {
        if (!read_records(paths, mutations)) return ExitStatus::kUsage;
    } else {
        const RunsMade runs = make_runs(arguments.wanted, arguments.choice);
        if (!runs.made()) return runs.status;
        for (const Record& record : runs.records) mutations.add(record);
    }
    const Style style = output_style(arguments.colour, 100);
    fmt::print("{}", arguments.format == "json" ? mutation_json(mutations) : mutation_text(mutations, style));
    return status_of(mutations);
}

}  // namespace

void add_mutate_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<MutateArguments>();
    CLI::App* command = app.add_subcommand(
        "mutate", "Change what cases expect, one thing at a time, and show the changes that nobody notices");
    add_wanted_options(*command, arguments->wanted);
    add_place_options(*command, arguments->choice);
    command->get_option("path")->description(
        "Case files and folders, which are run; or record files and folders of them");
    command->add_option("--format", arguments->format, "human or json")->check(CLI::IsMember({"human", "json"}));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->add_option("--explain", arguments->explained,
                        "FILE:LINE: REASON for what survives in a line of a case that may not be changed");
    command->footer(
        "Exit status: 1 when a change was unnoticed and its line does not say why ('# unnoticed: REASON'),\n"
        "or a run does not pass.");
    command->callback([arguments, &status] { status.value = mutate(*arguments); });
}

}  // namespace tcpwitness
