// tcpwitness: the command line.
#include <fmt/core.h>

#include <csignal>
#include <cstring>

#include "base/error.hh"
#include "cli/commands.hh"
#include "cli/guest_agent.hh"
#include "cli/guest_worker.hh"
#include "cli/output_place.hh"
#include "guest/agent.hh"
#include "record/record.hh"
#include "run/worker.hh"

namespace {

using namespace tcpwitness;

constexpr const char* kFooter =
    "Exit status: 0 all passed, 1 a case failed, 2 usage or a bad case file, 3 an error of the harness or a guest,\n"
    "4 everything was skipped, 5 nothing was selected, 128+n ended by signal n.";

int command_line(int count, char** words) {
    CLI::App app{"A network-namespace test harness for real Linux kernel TCP"};
    app.name("tcpwitness");
    app.footer(kFooter);
    app.set_version_flag("--version", std::string("tcpwitness ") + std::string(tool_version()));
    app.require_subcommand(1);
    ExitStatus status;
    add_run_command(app, status);
    add_list_command(app, status);
    add_check_command(app, status);
    add_plan_command(app, status);
    add_judge_command(app, status);
    add_coverage_command(app, status);
    add_mutate_command(app, status);
    add_tune_command(app, status);
    add_show_command(app, status);
    add_report_command(app, status);
    add_doctor_command(app, status);
    add_kernels_command(app, status);
    add_exec_command(app, status);
    add_why_bind_command(app, status);
    add_try_command(app, status);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        const int shown = app.exit(error);
        return shown == 0 ? ExitStatus::kPassed : ExitStatus::kUsage;
    }
    return status.value;
}

}  // namespace

int main(int count, char** words) {
    try {
        if (guest::is_guest_agent()) run_guest_agent();
        if (count == 2 && std::strcmp(words[1], "worker") == 0) return worker_main();
        if (count > 2 && std::strcmp(words[1], "guest-worker") == 0)
            return guest_worker_main(std::vector<std::string>(words + 1, words + count));
        std::signal(SIGPIPE, SIG_IGN);  // a reader of our output that goes away is a failed write
        return command_line(count, words);
    } catch (const OutputRefused& error) {
        fmt::print(stderr, "tcpwitness: {}\n", error.what());
        return ExitStatus::kUsage;
    } catch (const std::exception& error) {
        fmt::print(stderr, "tcpwitness: {}\n", error.what());
        return ExitStatus::kHarness;
    }
}
