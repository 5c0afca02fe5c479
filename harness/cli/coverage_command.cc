// tcpwitness coverage: what recorded runs really showed, and what is missing.
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/record_argument.hh"
#include "cli/record_paths.hh"
#include "cli/recorded_runs.hh"
#include "cli/terminal.hh"
#include "report/coverage_text.hh"

namespace tcpwitness {
namespace {

struct CoverageArguments {
    std::vector<std::string> records{"out"};
    std::vector<std::string> required;
    std::string format = "human";
    std::string colour = "auto";
};

std::vector<std::string> missing_items(const std::vector<CoverageItem>& items) {
    std::vector<std::string> missing;
    for (const CoverageItem& item : items) {
        if (item.missing()) missing.push_back(item.id);
    }
    return missing;
}

std::vector<std::string> missing_cells(const Coverage& coverage) {
    std::vector<std::string> missing;
    for (const CoverageCell& cell : coverage.cells) {
        if (cell.impossible.empty() && !cell.shown()) missing.push_back(cell_name(cell.state, cell.event));
    }
    return missing;
}

std::vector<std::string> missing_of(const Coverage& coverage, const std::string& kind) {
    if (kind == "claims") return missing_items(coverage.claims);
    if (kind == "arcs") return missing_items(coverage.arcs);
    if (kind == "sysctls") return missing_items(coverage.sysctls);
    if (kind == "options") return missing_items(coverage.options);
    return missing_cells(coverage);
}

std::optional<Coverage> read_coverage(const std::vector<std::string>& paths) {
    CoverageCollector collector;
    size_t read = 0;
    for (const std::string& path : paths) {
        for (const std::string& file : record_files(path)) {
            const std::optional<Record> record = read_or_complain(file);
            if (!record) return std::nullopt;
            collector.add(*record, file);
            ++read;
        }
    }
    if (read > 0) return collector.finish();
    fmt::print(stderr, "tcpwitness: no records there; 'tcpwitness run PATH --out out' makes some\n");
    return std::nullopt;
}

int coverage(const CoverageArguments& arguments) {
    std::optional<Coverage> read;
    try {
        read = read_coverage(arguments.records);
    } catch (const Error& error) {
        fmt::print(stderr, "tcpwitness: {}\n", error.what());
    }
    if (!read) return ExitStatus::kUsage;
    const Style style = output_style(arguments.colour, 100);
    fmt::print("{}", arguments.format == "json" ? coverage_json(*read) : coverage_text(*read, style));
    int status = ExitStatus::kPassed;
    for (const std::string& kind : arguments.required) {
        for (const std::string& missing : missing_of(*read, kind)) {
            fmt::print(stderr, "tcpwitness: required but not shown, {}: {}\n", kind, missing);
            status = ExitStatus::kFailed;
        }
    }
    return status;
}

}  // namespace

void add_coverage_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<CoverageArguments>();
    CLI::App* command = app.add_subcommand(
        "coverage", "Which claims, arcs, cells of the state x event table, settings and options runs showed");
    command->add_option("records", arguments->records,
                        "Record files, folders of them, or --out folders of run (default: out)");
    command
        ->add_option("--require", arguments->required,
                     "Exit 1 when one of these is missing: claims, arcs, cells, sysctls, options; a list with commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"claims", "arcs", "cells", "sysctls", "options"}));
    command->add_option("--format", arguments->format, "human or json")->check(CLI::IsMember({"human", "json"}));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] { status.value = coverage(*arguments); });
}

}  // namespace tcpwitness
