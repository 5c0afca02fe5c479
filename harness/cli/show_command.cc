// tcpwitness show: a recorded run as a ladder, or as JSON for other programs.
#include <fmt/core.h>

#include <memory>

#include "cli/commands.hh"
#include "cli/record_argument.hh"
#include "cli/terminal.hh"
#include "report/console.hh"
#include "report/failure_text.hh"
#include "report/ladder.hh"
#include "report/run_json.hh"
#include "report/text.hh"

namespace tcpwitness {
namespace {

void print_ladder(const Record& record, const Style& style) {
    constexpr int kIndent = 4;
    fmt::print("{}", case_line(record, style));
    for (const std::string& line : wrap(observed_text(record), style.width - kIndent, style.utf8))
        fmt::print("{:{}}{}\n", "", kIndent, line);
    fmt::print("\n{}\n", ladder(record.plan, record.timeline, style));
}

}  // namespace

void add_show_command(CLI::App& app, ExitStatus& status) {
    struct Arguments {
        std::vector<std::string> records;
        std::string format = "human";
        std::string colour = "auto";
        int width = 0;
        bool ascii = false;
    };
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("show", "Show a recorded run as a ladder of calls, states and segments");
    command->add_option("record", arguments->records, "Record files, as run writes them to its --out folder")
        ->required();
    command->add_option("--format", arguments->format, "human, or json: one line for each record")
        ->check(CLI::IsMember({"human", "json"}));
    command->add_option("--width", arguments->width, "Columns; by default those of the terminal")
        ->check(CLI::Range(kNarrowestLadder, 1000));
    command->add_flag("--ascii", arguments->ascii, "Nothing but ASCII");
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] {
        Style style = output_style(arguments->colour, 100);
        if (arguments->width > 0) style.width = arguments->width;
        if (arguments->ascii) style.utf8 = false;
        status.value = ExitStatus::kPassed;
        for (const std::string& path : arguments->records) {
            const std::optional<Record> record = read_or_complain(path);
            if (!record) {
                status.value = ExitStatus::kUsage;
                continue;
            }
            if (arguments->format == "json") {
                fmt::print("{}", run_json(*record));
            } else {
                print_ladder(*record, style);
            }
        }
    });
}

}  // namespace tcpwitness
