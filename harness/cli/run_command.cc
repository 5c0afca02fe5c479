// tcpwitness run: cases on a kernel, with a verdict on each.
#include <fmt/core.h>

#include <memory>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/output_place.hh"
#include "cli/place_choice.hh"
#include "cli/run_session.hh"
#include "cli/terminal.hh"
#include "cli/wanted_options.hh"
#include "page/page.hh"
#include "report/capture_files.hh"
#include "report/console.hh"
#include "report/json_report.hh"
#include "report/junit.hh"
#include "report/ktap.hh"
#include "report/live_lines.hh"

namespace tcpwitness {
namespace {

struct RunArguments {
    Wanted wanted;
    SessionOptions session;
    std::string format = "human";
    std::string out;
    std::string colour = "auto";
    bool verbose = false;
    size_t repeat = 1;
    PlaceChoice choice;
};

std::vector<WantedRun> repeated(const std::vector<WantedRun>& once, size_t times) {
    std::vector<WantedRun> runs;
    for (size_t round = 1; round <= times; ++round) {
        for (WantedRun run : once) {
            if (times > 1) run.plan.id += fmt::format("#{}", round);
            runs.push_back(std::move(run));
        }
    }
    return runs;
}

std::unique_ptr<Reporter> make_reporter(const RunArguments& arguments) {
    if (arguments.format == "junit") return std::make_unique<JunitReport>(standard_output());
    if (arguments.format == "ktap") return std::make_unique<KtapReport>(standard_output());
    if (arguments.format == "json") return std::make_unique<JsonReport>(standard_output());
    const Style style = output_style(arguments.colour, 100);
    if (output_is_terminal() && !arguments.verbose) return std::make_unique<ConsoleProgress>(style, standard_output());
    return std::make_unique<ConsoleLines>(style, standard_output());
}

// The files that --out keeps beside the records.
std::vector<std::unique_ptr<Reporter>> make_file_reporters(const std::string& out) {
    std::vector<std::unique_ptr<Reporter>> reporters;
    if (out.empty()) return reporters;
    for (const char* folder : {"", "/records", "/pcap"}) make_output_folder(out + folder);
    for (const char* file : {"/junit.xml", "/report.json", "/report.html"}) check_output_file(out + file);
    reporters.push_back(std::make_unique<JunitReport>(file_output(out + "/junit.xml")));
    reporters.push_back(std::make_unique<JsonReport>(file_output(out + "/report.json")));
    reporters.push_back(std::make_unique<PageReport>(file_output(out + "/report.html")));
    reporters.push_back(std::make_unique<CaptureFiles>(out + "/pcap"));
    return reporters;
}

int run(RunArguments& arguments) {
    std::optional<LoadedCases> loaded = load_or_complain(arguments.wanted);
    if (!loaded) return ExitStatus::kUsage;
    if (arguments.verbose && arguments.format != "human") {
        fmt::print(stderr, "tcpwitness: -v is for --format human\n");
        return ExitStatus::kUsage;
    }
    PlacedRuns placed(*loaded, arguments.wanted, arguments.choice);
    if (!loaded->diagnostics.empty()) {
        fmt::print(stderr, "{}", loaded->diagnostics.to_text());
        return ExitStatus::kUsage;
    }
    for (const std::string& note : placed.notes) fmt::print(stderr, "tcpwitness: {}\n", note);
    if (placed.runs.empty()) {
        fmt::print(stderr, "tcpwitness: no run matches\n");
        return ExitStatus::kNothingSelected;
    }
    if (!arguments.out.empty()) arguments.session.record_folder = arguments.out + "/records";
    std::vector<std::unique_ptr<Reporter>> reporters = make_file_reporters(arguments.out);
    if (arguments.verbose) {
        auto lines = std::make_unique<LiveLines>(output_style(arguments.colour, 100), standard_output());
        arguments.session.seen = [told = lines.get()](const Plan& plan, const Timeline& seen) { told->seen(plan, seen); };
        reporters.push_back(std::move(lines));
    }
    reporters.push_back(make_reporter(arguments));
    std::vector<Reporter*> told;
    for (const auto& reporter : reporters) told.push_back(reporter.get());
    return RunSession(repeated(placed.runs, arguments.repeat), arguments.session, told).run();
}

}  // namespace

void add_run_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<RunArguments>();
    CLI::App* command = app.add_subcommand("run", "Run cases and say what was seen");
    add_wanted_options(*command, arguments->wanted);
    add_place_options(*command, arguments->choice);
    add_verify_option(*command, arguments->choice);
    command
        ->add_option("-j,--jobs", arguments->session.jobs,
                     "Runs that may use the processors at once (default: two for each, one in guests); those that wait "
                     "do not count")
        ->check(CLI::Range(1, 10000));
    command->add_option("--format", arguments->format, "What standard output gets: human, json, junit or ktap")
        ->check(CLI::IsMember({"human", "json", "junit", "ktap"}));
    command->add_flag("-v,--verbose", arguments->verbose,
                      "Tell every event as it is observed; a run in a guest is told when it is over");
    command->add_option("--out", arguments->out,
                        "Folder for report.html, junit.xml, report.json, and records/ and pcap/ with a file for each run");
    command->add_flag("--fail-fast", arguments->session.fail_fast, "Stop at the first run that does not pass");
    command->add_option("--repeat", arguments->repeat, "Run everything N times")->check(CLI::Range(1, 1000000));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] { status.value = run(*arguments); });
}

}  // namespace tcpwitness
