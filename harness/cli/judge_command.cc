// tcpwitness judge: the verdict on recorded runs again, without privileges and without running anything.
#include <fmt/core.h>

#include <array>
#include <memory>

#include "cli/commands.hh"
#include "cli/record_argument.hh"
#include "cli/terminal.hh"
#include "record/judge_again.hh"
#include "report/console.hh"
#include "report/failure_text.hh"

namespace tcpwitness {
namespace {

// The worst of two exit statuses: what is no record, an error, a failure, a pass, a skip.
int worse(int a, int b) {
    constexpr std::array kWorstFirst{ExitStatus::kUsage, ExitStatus::kHarness, ExitStatus::kFailed,
                                     ExitStatus::kPassed};
    for (const int status : kWorstFirst) {
        if (a == status || b == status) return status;
    }
    return a;
}

int status_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::pass:
            return ExitStatus::kPassed;
        case Outcome::fail:
            return ExitStatus::kFailed;
        case Outcome::skip:
            return ExitStatus::kSkipped;
        case Outcome::error:
            return ExitStatus::kHarness;
    }
    return ExitStatus::kHarness;
}

int judge(const std::string& path, const Style& style) {
    std::optional<Record> read = read_or_complain(path);
    if (!read) return ExitStatus::kUsage;
    Record& record = *read;
    const Judgement judgement = judge_again(record);
    record.verdict = judgement.verdict;
    fmt::print("{}", case_line(record, style));
    for (const std::string& difference : judgement.differences) fmt::print("    now different: {}\n", difference);
    fmt::print("{}", failure_text(record, style));
    return status_of(record.verdict.outcome);
}

}  // namespace

void add_judge_command(CLI::App& app, ExitStatus& status) {
    struct Arguments {
        std::vector<std::string> records;
        std::string colour = "auto";
    };
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command = app.add_subcommand("judge", "Judge recorded runs again");
    command->add_option("record", arguments->records, "Record files, as run writes them to its --out folder")
        ->required();
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->callback([arguments, &status] {
        const Style style = output_style(arguments->colour, 100);
        status.value = ExitStatus::kSkipped;
        for (const std::string& path : arguments->records) status.value = worse(status.value, judge(path, style));
    });
}

}  // namespace tcpwitness
