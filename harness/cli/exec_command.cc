// tcpwitness exec: any program in a guest kernel, its exit status passed through.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/commands.hh"
#include "cli/guest_files.hh"
#include "guest/exec_program.hh"
#include "guest/guest.hh"

namespace tcpwitness {
namespace {

// As env(1) and other programs that run a program have it: not a status of the program itself.
constexpr int kNotRun = 125;

struct ExecArguments {
    std::string kernel = "newest";
    std::string modules;
    std::string clock = "virtual";
    std::vector<std::string> files, programs, load;
    std::vector<std::string> words;
    uint64_t seed = 1;
    int limit_seconds = 120;
    bool verbose = false;
};

// The program and its files travel with the request, so that one snapshot serves every program.
guest::GuestRequest request_for(const ExecArguments& arguments) {
    guest::FileSet files;
    std::vector<std::string> words = arguments.words;
    words[0] = files.add_program(words[0], search_path());
    for (const std::string& program : arguments.programs) files.add_program(program, search_path());
    for (const std::string& file : arguments.files) files.add_path(file);
    const std::string input = isatty(STDIN_FILENO) ? std::string() : read_all(STDIN_FILENO);
    return {.kind = std::string(guest::kExecKind),
            .body = guest::exec_request_to_bytes({words, {}, input}),
            .files = files.to_cpio(),
            .seed = guest::seed_from(arguments.seed)};
}

int execute(const ExecArguments& arguments) {
    guest::GuestConfiguration configuration = guest_configuration(
        guest::find_kernel(arguments.kernel, arguments.modules),
        arguments.clock == "real" ? guest::GuestClock::real_time : guest::GuestClock::virtual_time);
    configuration.extra_modules = arguments.load;
    configuration.log = [&](const std::string& line) {
        if (arguments.verbose) fmt::print(stderr, "tcpwitness: {}\n", line);
    };
    const guest::Guest machine(std::move(configuration));
    const guest::GuestAnswer answer = machine.run(request_for(arguments), std::chrono::seconds(arguments.limit_seconds));
    const guest::ExecResult result = guest::exec_result_from_bytes(answer.body);
    write_all(STDOUT_FILENO, result.output);
    write_all(STDERR_FILENO, result.error);
    if (arguments.verbose) write_all(STDERR_FILENO, answer.console);
    return result.status;
}

}  // namespace

void add_exec_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<ExecArguments>();
    CLI::App* command = app.add_subcommand("exec", "Run any program in a guest kernel; its exit status is passed through (125: it could not be run)");
    command->add_option("--kernel", arguments->kernel, "A series or release, newest, an image's path or a built kernel tree");
    command->add_option("--modules", arguments->modules, "Folder with the modules of a kernel given by path");
    command->add_option("--clock", arguments->clock, "virtual: waiting takes no time; real: the host's clock")
        ->check(CLI::IsMember({"virtual", "real"}));
    command->add_option("--file", arguments->files, "A file or folder that the program needs, under the same path");
    command->add_option("--program", arguments->programs, "Another program that it runs, with its libraries");
    command->add_option("--load", arguments->load, "Another kernel module, with what it depends on");
    command->add_option("--seed", arguments->seed, "For all of the guest's randomness");
    command->add_option("--limit", arguments->limit_seconds, "Seconds of real time after which it is taken for hung");
    command->add_flag("-v,--verbose", arguments->verbose, "Say what is done, and show the guest's console");
    command->add_option("words", arguments->words, "-- PROGRAM ARGUMENTS…")->required();
    command->positionals_at_end();
    command->callback([arguments, &status] {
        try {
            status.value = execute(*arguments);
        } catch (const Error& error) {
            fmt::print(stderr, "tcpwitness: {}\n", error.what());
            status.value = kNotRun;
        }
    });
}

}  // namespace tcpwitness
