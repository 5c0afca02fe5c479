// tcpwitness report: recorded runs as one page for a browser.
#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <set>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/commands.hh"
#include "cli/output_place.hh"
#include "cli/record_argument.hh"
#include "cli/record_paths.hh"
#include "page/links.hh"
#include "page/page.hh"

namespace tcpwitness {
namespace {

struct ReportArguments {
    std::vector<std::string> records;
    std::string output;
};

// Where the runs were made, each once: "kernel 6.18.44, root".
std::string machine_of(const std::set<std::string>& places) {
    std::string text;
    for (const std::string& place : places) text += (text.empty() ? "" : "; ") + place;
    return text;
}

int report(const ReportArguments& arguments) {
    check_output_file(arguments.output);
    Page page;
    std::set<std::string> places;
    int status = ExitStatus::kPassed;
    for (const std::string& path : record_paths(arguments.records)) {
        const std::optional<Record> record = read_or_complain(path);
        if (!record) {
            status = ExitStatus::kUsage;
            continue;
        }
        places.insert(record->where.substr(0, record->where.find(';')));
        page.add(*record, links_beside(arguments.output, path));
    }
    if (page.size() == 0) return ExitStatus::kUsage;
    const std::string html = page.html(machine_of(places));
    write_file(arguments.output, html);
    fmt::print("{}: {} {}, {:.1f} MB\n", arguments.output, page.size(), page.size() == 1 ? "run" : "runs",
               static_cast<double>(html.size()) / 1e6);
    if (html.size() > kLargePage)
        fmt::print(stderr,
                   "tcpwitness: the page is large; a browser may take seconds to open it. Give it fewer records.\n");
    return status;
}

}  // namespace

void add_report_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<ReportArguments>();
    CLI::App* command = app.add_subcommand("report", "Make one HTML page of recorded runs");
    command->add_option("record", arguments->records, "Record files, folders of them, --out folders of run")
        ->required();
    command->add_option("-o,--output", arguments->output, "The file to write")->required();
    command->callback([arguments, &status] {
        try {
            status.value = report(*arguments);
        } catch (const Error& error) {
            fmt::print(stderr, "tcpwitness: {}\n", error.what());
            status.value = ExitStatus::kUsage;
        }
    });
}

}  // namespace tcpwitness
