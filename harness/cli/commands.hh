// The commands of tcpwitness: each adds itself to the command line and, when it is the one, sets the exit status.
#pragma once

#include <CLI/CLI.hpp>

namespace tcpwitness {

// What main returns (README.md, "Exit status").
struct ExitStatus {
    static constexpr int kPassed = 0;
    static constexpr int kFailed = 1;
    static constexpr int kUsage = 2;
    static constexpr int kHarness = 3;
    static constexpr int kSkipped = 4;
    static constexpr int kNothingSelected = 5;

    int value = kPassed;
};

void add_run_command(CLI::App& app, ExitStatus& status);
void add_list_command(CLI::App& app, ExitStatus& status);
void add_check_command(CLI::App& app, ExitStatus& status);
void add_plan_command(CLI::App& app, ExitStatus& status);
void add_judge_command(CLI::App& app, ExitStatus& status);
void add_coverage_command(CLI::App& app, ExitStatus& status);
void add_mutate_command(CLI::App& app, ExitStatus& status);
void add_tune_command(CLI::App& app, ExitStatus& status);
void add_show_command(CLI::App& app, ExitStatus& status);
void add_report_command(CLI::App& app, ExitStatus& status);
void add_doctor_command(CLI::App& app, ExitStatus& status);
void add_kernels_command(CLI::App& app, ExitStatus& status);
void add_exec_command(CLI::App& app, ExitStatus& status);
void add_try_command(CLI::App& app, ExitStatus& status);
void add_why_bind_command(CLI::App& app, ExitStatus& status);

}  // namespace tcpwitness
