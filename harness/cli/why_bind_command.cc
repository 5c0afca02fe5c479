// tcpwitness why-bind: whether a bind() would work on this machine as it is, and if not what stands in its way.
#include <fmt/core.h>
#include <net/if.h>
#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/commands.hh"
#include "cli/output_place.hh"
#include "cli/terminal.hh"
#include "live/bind_reader.hh"
#include "live/caller.hh"
#include "live/network_entry.hh"
#include "report/bind_case.hh"
#include "report/bind_json.hh"
#include "report/bind_text.hh"

namespace tcpwitness {
namespace {

struct WhyBindArguments {
    std::string address;
    bool reuse_address = false;
    bool reuse_port = false;
    bool v6_only = false;
    pid_t process = 0;
    std::string network_file;
    std::string user;
    std::string case_file;
    std::string format = "human";
    std::string colour = "auto";
};

struct WrittenAddress {
    SocketAddress address;
    std::string interface;  // behind a '%'
};

std::optional<uint16_t> port_in(const std::string& text) {
    uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

// "8080", ":8080", "*:8080", "localhost:8080", "10.0.0.1:8080", "[::]:8080", "[fe80::1%eth0]:8080"
std::optional<WrittenAddress> parse_address(std::string text) {
    WrittenAddress written;
    if (const std::optional<uint16_t> port = port_in(text)) return WrittenAddress{{{}, *port}, {}};
    if (text.starts_with(':')) text = "0.0.0.0" + text;
    if (text.starts_with("*:")) text.replace(0, 1, "0.0.0.0");
    if (text.starts_with("localhost:")) text.replace(0, text.find(':'), "127.0.0.1");
    const size_t percent = text.find('%');
    const size_t bracket = text.find(']');
    if (percent != std::string::npos && bracket != std::string::npos && percent < bracket) {
        written.interface = text.substr(percent + 1, bracket - percent - 1);
        text.erase(percent, bracket - percent);
    }
    const std::optional<SocketAddress> address = SocketAddress::parse(text);
    if (!address) return std::nullopt;
    written.address = *address;
    return written;
}

std::optional<unsigned> parse_user(const std::string& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && error == std::errc{} && end == text.data() + text.size()) return number;
    const passwd* entry = getpwnam(text.c_str());
    if (entry == nullptr) return std::nullopt;
    return entry->pw_uid;
}

int complain(const std::string& what) {
    fmt::print(stderr, "tcpwitness: {}\n", what);
    return ExitStatus::kUsage;
}

// Everything that belongs to this process's own namespaces is asked before it leaves them.
WantedBind wanted_bind(const WhyBindArguments& arguments, const WrittenAddress& written) {
    const pid_t process = arguments.process != 0 ? arguments.process : getpid();
    if (arguments.process != 0) enter_network_of_process(arguments.process);
    if (!arguments.network_file.empty()) enter_network_of_file(arguments.network_file);
    WantedBind wanted{.address = written.address,
                      .reuse_address = arguments.reuse_address,
                      .reuse_port = arguments.reuse_port,
                      .v6_only = arguments.v6_only};
    if (wanted.address.ip == IpAddress::any(Family::ipv6)) wanted.v6_only = wanted.v6_only || default_v6_only();
    if (!written.interface.empty()) {
        wanted.interface = if_nametoindex(written.interface.c_str());
        if (wanted.interface == 0) throw_system_error("if_nametoindex", written.interface);
    }
    const Caller caller = arguments.user.empty() ? caller_of(process) : caller_with_user(*parse_user(arguments.user));
    wanted.user = caller.user;
    wanted.may_bind_any_port = caller.may_bind_any_port;
    return wanted;
}

void print_case(const std::string& text, const WhyBindArguments& arguments, const Style& style) {
    if (!arguments.case_file.empty()) {
        write_file(arguments.case_file, text);
        fmt::print("\n{}\n  tcpwitness run {}\n", paint("the same on a stage", Tone::bold, style), arguments.case_file);
        return;
    }
    fmt::print("\n{}\n", paint("the same on a stage (--case FILE writes it)", Tone::bold, style));
    for (const std::string& line : split_lines(text)) fmt::print("  {}\n", safe_text(line, style.utf8));
}

int exit_status(Certainty works) {
    if (works == Certainty::yes) return ExitStatus::kPassed;
    return works == Certainty::no ? ExitStatus::kFailed : ExitStatus::kSkipped;
}

int answer(const WhyBindArguments& arguments) {
    const std::optional<WrittenAddress> written = parse_address(arguments.address);
    if (!written) return complain("not an ADDRESS:PORT: '" + arguments.address + "'");
    if (!arguments.user.empty() && !parse_user(arguments.user)) return complain("no user '" + arguments.user + "'");
    if (arguments.v6_only && written->address.ip.family == Family::ipv4)
        return complain("--v6only is for IPv6 addresses");
    if (!arguments.case_file.empty()) check_output_file(arguments.case_file);
    const WantedBind wanted = wanted_bind(arguments, *written);
    const BindReading reading = read_bind_machine(wanted);
    const BindAnswer said = answer_bind(wanted, reading.machine);
    const std::optional<std::string> same = bind_case(wanted, reading.machine, said, reading.sight.kernel);
    if (arguments.format == "json") {
        fmt::print("{}", bind_json(wanted, reading.machine, said, reading.sight));
        if (same && !arguments.case_file.empty()) write_file(arguments.case_file, *same);
        return exit_status(said.works);
    }
    const Style style = output_style(arguments.colour, 100);
    fmt::print("{}", bind_text(wanted, reading.machine, said, reading.sight, style));
    if (same) print_case(*same, arguments, style);
    return exit_status(said.works);
}

}  // namespace

void add_why_bind_command(CLI::App& app, ExitStatus& status) {
    auto arguments = std::make_shared<WhyBindArguments>();
    CLI::App* command =
        app.add_subcommand("why-bind", "Say whether a bind() would work on this machine now, and what is in its way");
    command
        ->add_option("address", arguments->address,
                     "ADDRESS:PORT, [IPV6]:PORT, [IPV6%INTERFACE]:PORT, or :PORT for 0.0.0.0")
        ->required();
    command->add_flag("--reuseaddr", arguments->reuse_address, "The socket has SO_REUSEADDR");
    command->add_flag("--reuseport", arguments->reuse_port, "The socket has SO_REUSEPORT");
    command->add_flag("--v6only", arguments->v6_only,
                      "The socket has IPV6_V6ONLY (default: as net.ipv6.bindv6only says)");
    CLI::Option* process =
        command
            ->add_option("--pid", arguments->process, "As this process: its network namespace, user and capabilities")
            ->check(CLI::PositiveNumber);
    command->add_option("--netns", arguments->network_file, "In this network namespace (/run/netns/NAME)")
        ->excludes(process);
    command->add_option("--user", arguments->user, "As a plain process of this user: a name or a uid");
    command->add_option("--case", arguments->case_file, "Write the case that shows the same to this file");
    command->add_option("--format", arguments->format, "human or json")->check(CLI::IsMember({"human", "json"}));
    command->add_option("--colour,--color", arguments->colour, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->footer(
        "Nothing is changed and no bind() is made. Exit status: 0 it would work, 1 it would fail, 2 usage, 3 an "
        "error,\n"
        "4 it depends on what this user cannot see.");
    command->callback([arguments, &status] { status.value = answer(*arguments); });
}

}  // namespace tcpwitness
