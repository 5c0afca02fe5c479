// tcpwitness try: the user's own programs on a stage, without a case file: who closes first, where TIME_WAIT goes,
// whether a restart can bind; and a case file of it to keep.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "base/error.hh"
#include "base/socket_names.hh"
#include "cli/commands.hh"
#include "cli/output_place.hh"
#include "cli/terminal.hh"
#include "cli/try_session.hh"
#include "cli/try_words.hh"
#include "plan/addressing.hh"

namespace tcpwitness {
namespace {

struct TryArguments {
    std::string server, client, restart, loss, delay, out;
    std::string family = "ipv4";
    std::string colour = "auto";
    std::optional<uint32_t> user;
    uint16_t port = 0;
    int width = 0;
    PlaceChoice choice;
};

TryWishes wishes_of(const TryArguments& arguments) {
    const std::filesystem::path out = std::filesystem::absolute(arguments.out.empty() ? "try.yaml" : arguments.out);
    const std::string folder = out.parent_path().string();
    TryWishes wishes{.server = try_program(arguments.server, "", folder), .restart = arguments.restart};
    wishes.server.user = arguments.user;
    if (!arguments.client.empty()) wishes.client = try_program(arguments.client, wishes.server.name, folder);
    if (!wishes.restart.empty() && !wishes.restart.starts_with("SIG")) wishes.restart = "SIG" + wishes.restart;
    if (!wishes.restart.empty() && !signal_number(wishes.restart))
        throw Error(fmt::format("'{}' is no signal", arguments.restart));
    std::vector<std::string> netem;
    if (!arguments.loss.empty()) netem.push_back("loss=" + arguments.loss);
    if (!arguments.delay.empty()) netem.push_back("delay=" + arguments.delay);
    wishes.netem = fmt::format("{}", fmt::join(netem, ", "));
    wishes.family = arguments.family == "ipv6" ? Family::ipv6 : Family::ipv4;
    wishes.server_address = to_string(host_address("server", wishes.family, false, "client"));
    return wishes;
}

int try_them(const TryArguments& arguments) {
    if (!arguments.out.empty()) check_output_file(arguments.out);
    TryOptions options{.port = arguments.port, .out = arguments.out, .choice = arguments.choice};
    options.style = output_style(arguments.colour, 100);
    if (arguments.width > 0) options.style.width = arguments.width;
    try {
        options.wishes = wishes_of(arguments);
    } catch (const Error& error) {
        fmt::print(stderr, "tcpwitness: {}\n", error.what());
        return ExitStatus::kUsage;
    }
    return TrySession(std::move(options)).go();
}

}  // namespace

void add_try_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<TryArguments>();
    CLI::App* command =
        app.add_subcommand("try", "Run your own server and client on a stage, say what they do, and make a case of it");
    command
        ->add_option("--server", arguments->server,
                     "The server with its arguments, as one word; it must stay in the foreground")
        ->required();
    command->add_option(
        "--client", arguments->client,
        "The client with its arguments; {server} and {port} in it stand for the server's address and port, and "
        "the name 'server' leads there too (default: a client that connects and closes)");
    command
        ->add_option(
            "--restart", arguments->restart,
            "Send the server this signal and start it again; the default client is connected then, and so is one that "
            "does not end by itself within 30 s")
        ->expected(0, 1)
        ->default_str("SIGTERM");
    command->add_option("--loss", arguments->loss, "Of segments, both ways: 5%");
    command->add_option("--delay", arguments->delay, "Of segments, each way: 20ms");
    command
        ->add_option("--port", arguments->port,
                     "Which of the server's ports is meant (default: the first that it listens on)")
        ->check(CLI::Range(1, 65535));
    command->add_option("--family", arguments->family, "ipv4 or ipv6")->check(CLI::IsMember({"ipv4", "ipv6"}));
    command->add_option("--user", arguments->user, "The uid that the server runs as");
    add_place_options(*command, arguments->choice);
    command->add_option("--out", arguments->out, "Write the case to this file");
    command->add_option("--width", arguments->width, "Columns; by default those of the terminal")
        ->check(CLI::Range(60, 1000));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->footer(
        "Words are taken apart as in sh, nothing is expanded; for more than that: --server \"sh -c '...'\".\n"
        "Files named by a relative path come along. What programs write to /var, /run and /tmp is gone with the run.\n"
        "Exit status: 0 it was tried, 1 the server did not listen, could not be tried or did not come back, 2 usage,\n"
        "3 an error of the harness or a guest, 4 no kernel here can do it.");
    command->callback([arguments, &status] { status.value = try_them(*arguments); });
}

}  // namespace tcpwitness
