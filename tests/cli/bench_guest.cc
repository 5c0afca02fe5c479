// What guest kernels cost: bench_guest [KERNEL]. All times are wall time of whole processes' work on this machine as it is.
#include <fmt/core.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.hh"
#include "cli/guest_agent.hh"
#include "cli/guest_files.hh"
#include "guest/agent.hh"
#include "guest/exec_program.hh"
#include "guest/guest_session.hh"
#include "record/record_file.hh"

namespace {

using namespace tcpwitness;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const std::string kTool = std::string(TCPWITNESS_BINARY_DIR) + "/tcpwitness";
constexpr int kRepetitions = 5;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void print(const char* what, double seconds, double target) {
    fmt::print("{:<52} {:>7.3f} s   target {:.1f} s\n", what, seconds, target);
}

// The middle of several.
template <typename Work>
double measure(Work work) {
    std::vector<double> times;
    for (int i = 0; i < kRepetitions; ++i) {
        const Clock::time_point begin = Clock::now();
        work();
        times.push_back(seconds_since(begin));
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

std::string run_tool(std::vector<std::string> arguments) {
    const guest::CommandResult result =
        guest::run_command(kTool, arguments, {.directory = TCPWITNESS_SOURCE_DIR}, std::chrono::seconds(3600));
    if (result.status != 0)
        throw Error(fmt::format("tcpwitness {} ended with status {}:\n{}{}", arguments[0], result.status, result.output, result.error));
    return result.output;
}

void bench(const std::string& kernel, const fs::path& folder) {
    guest::GuestConfiguration configuration =
        guest_configuration(guest::find_kernel(kernel), guest::GuestClock::virtual_time);
    configuration.snapshots = folder / "snapshots";
    fmt::print("guest kernel {}, {} processors\n", configuration.kernel.release, std::thread::hardware_concurrency());
    Clock::time_point begin = Clock::now();
    configuration.probe_kind.clear();
    const guest::Guest machine(configuration);
    print("cold boot to ready, snapshot written", seconds_since(begin), 8);

    const guest::GuestRequest nothing{.kind = std::string(guest::kExecKind),
                                      .body = guest::exec_request_to_bytes({{"nothing"}, {}, ""})};
    print("resume to a program's start and reply", measure([&] { machine.run(nothing, std::chrono::seconds(60)); }), 0.3);
    guest::GuestSession session(machine);
    session.run(nothing, std::chrono::seconds(60));
    print("the same again, in a QEMU that is reverted", measure([&] { session.run(nothing, std::chrono::seconds(60)); }), 0.3);

    const std::vector<std::string> four_way{"run", "--kernel", kernel, "--family", "ipv4", "cases/teardown/four_way_close.yaml"};
    run_tool(four_way);  // makes the snapshot where it is kept
    const double wall = measure([&] { run_tool(four_way); });
    print("four-way close with its 60 s of TIME_WAIT, whole tool", wall, 0.7);
    std::vector<std::string> recorded = four_way;
    recorded.insert(recorded.end(), {"--out", folder / "out"});
    run_tool(recorded);
    for (const auto& entry : fs::directory_iterator(folder / "out/records")) {
        const Timeline timeline = read_record(entry.path().string()).timeline;
        const double story = std::chrono::duration<double>(end_of_story(timeline)).count();
        fmt::print("{:<52} {:>7.1f} s   {:.0f} times faster than real time\n", "its story", story, story / wall);
    }
    begin = Clock::now();
    const auto report = nlohmann::json::parse(run_tool({"run", "--kernel", kernel, "--format", "json", "cases"}));
    const double cases = static_cast<double>(report.at("summary").at("passed").get<size_t>());
    const double cores = std::max(1U, std::thread::hardware_concurrency());
    const double all = seconds_since(begin);
    print(fmt::format("{:.0f} runs of the shipped cases", cases).c_str(), all, 90);
    print("for each of them and core", all * cores / cases, 0.6);
}

}  // namespace

int main(int count, char** words) {
    if (guest::is_guest_agent()) run_guest_agent();  // the first process of a guest is the program that started it
    char name[] = "/tmp/tcpwitness-bench-XXXXXX";
    const fs::path folder = mkdtemp(name);
    int status = 0;
    try {
        bench(count > 1 ? words[1] : "newest", folder);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_guest: {}\n", error.what());
        status = 1;
    }
    fs::remove_all(folder);
    return status;
}
