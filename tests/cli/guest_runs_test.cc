// The tool with guest kernels, from the outside. The kernels are those of $TCPWITNESS_TEST_KERNELS, else 6.1 and 6.12 where
// they are installed, else the newest. Skipped by name where there is no QEMU or no kernel.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "../temporary_folder.hh"
#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "cli/guest_files.hh"
#include "guest/child_process.hh"
#include "guest/kernel_store.hh"
#include "guest/library_search.hh"
#include "record/record_file.hh"

namespace tcpwitness {
namespace {

namespace fs = std::filesystem;
using guest::CommandResult;
using nlohmann::json;

const std::string kTool = std::string(TCPWITNESS_BINARY_DIR) + "/tcpwitness";
const std::string kCases = std::string(TCPWITNESS_SOURCE_DIR) + "/cases/";

constexpr std::string_view kCrash =
    "case: a program that crashes the kernel\nprograms:\n"
    "  crash: {on: server, run: [sh, -c, \"echo c > /proc/sysrq-trigger\"]}\n"
    "steps:\n  - crash: start\n  - await: crash exit\n";

std::vector<std::string> test_kernels() {
    if (const char* named = getenv("TCPWITNESS_TEST_KERNELS")) {
        std::vector<std::string> kernels;
        std::string name;
        for (const char* at = named;; ++at) {
            if (*at != ',' && *at != '\0') {
                name += *at;
                continue;
            }
            kernels.push_back(std::exchange(name, {}));
            if (*at == '\0') return kernels;
        }
    }
    std::vector<std::string> kernels;
    for (const std::string series : {"6.1", "6.12"}) {
        for (const guest::KernelImage& kernel : guest::installed_kernels()) {
            if (guest::release_matches(kernel.release, series) && (kernels.empty() || kernels.back() != series))
                kernels.push_back(series);
        }
    }
    if (kernels.empty() && !guest::installed_kernels().empty()) kernels.push_back("newest");
    return kernels;
}

CommandResult tool(const std::vector<std::string>& arguments, const fs::path& directory = TCPWITNESS_SOURCE_DIR,
                   const std::vector<std::string>& environment = {}) {
    return guest::run_command(kTool, arguments, {.directory = directory, .environment = environment},
                              std::chrono::seconds(280));
}

class GuestRuns : public testing::Test {
  protected:
    void SetUp() override {
        if (guest::find_program("qemu-system-x86_64", search_path()).empty()) GTEST_SKIP() << "qemu-system-x86_64 is missing";
        kernels_ = test_kernels();
        if (kernels_.empty()) GTEST_SKIP() << "no guest kernel is installed; `tcpwitness kernels fetch 6.1 6.12` gets two";
    }
    std::string kernel() const { return kernels_.front(); }
    std::string kernel_list() const {
        std::string list;
        for (const std::string& name : kernels_) list += (list.empty() ? "" : ",") + name;
        return list;
    }
    // The timeline of the record below `out` whose name has `part` in it: of the only one, say.
    static std::string timeline_of(const fs::path& out, const std::string& part = "") {
        for (const auto& entry : fs::directory_iterator(out / "records"))
            if (entry.path().filename().string().find(part) != std::string::npos)
                return timeline_to_json(read_record(entry.path().string()).timeline);
        throw Error("no record below " + out.string());
    }

    std::vector<std::string> kernels_;
    TemporaryFolder folder_;
};

TEST_F(GuestRuns, TheSameRunTwiceGivesTheSameBytes) {
    const CommandResult result = tool({"run", "--kernel", kernel_list(), "--verify", kCases + "teardown/four_way_close.yaml",
                                       kCases + "teardown/simultaneous_close.yaml"});
    EXPECT_EQ(result.status, 0) << result.output << result.error;
}

TEST_F(GuestRuns, ARunFromAColdBootGivesTheSameBytes) {
    const CommandResult result =
        tool({"run", "--kernel", kernel(), "--verify=cold", kCases + "teardown/four_way_close.yaml", "--family", "ipv4"});
    EXPECT_EQ(result.status, 0) << result.output << result.error;
}

TEST_F(GuestRuns, TheTimelineDoesNotDependOnWhereTheCaseLies) {
    fs::create_directories(folder_ / "a/rather/long/way/down");
    fs::copy(kCases + "teardown/four_way_close.yaml", folder_ / "a/rather/long/way/down");
    const CommandResult here = tool({"run", "--kernel", kernel(), "--family", "ipv4", "--out", folder_ / "here",
                                     kCases + "teardown/four_way_close.yaml"});
    const CommandResult there = tool({"run", "--kernel", kernel(), "--family", "ipv4", "--out", folder_ / "there",
                                      "a/rather/long/way/down/four_way_close.yaml"},
                                     folder_.path());
    ASSERT_EQ(here.status, 0) << here.output << here.error;
    ASSERT_EQ(there.status, 0) << there.output << there.error;
    EXPECT_EQ(timeline_of(folder_ / "here"), timeline_of(folder_ / "there"));
}

// Runs follow each other in one QEMU; one that crashes it is among them.
TEST_F(GuestRuns, TheTimelineDoesNotDependOnWhatRanBefore) {
    write_file(folder_ / "panic.yaml", kCrash);
    const std::string one = kCases + "teardown/four_way_close.yaml";
    const CommandResult alone =
        tool({"run", "--kernel", kernel(), "--family", "ipv4", "--out", folder_ / "alone", one});
    ASSERT_EQ(alone.status, 0) << alone.output << alone.error;
    const CommandResult among =
        tool({"run", "--kernel", kernel(), "--family", "ipv4", "-j1", "--repeat", "2", "--out", folder_ / "among",
              kCases + "teardown/linger_zero.yaml", kCases + "tuning/sack.yaml", folder_ / "panic.yaml", one});
    ASSERT_EQ(among.status, 3) << among.output << among.error;  // the crash
    EXPECT_EQ(timeline_of(folder_ / "alone"), timeline_of(folder_ / "among", "four_way_close"));
}

// Of the guest's time: kernels before 6.8 could let a link wait for a second.
TEST_F(GuestRuns, TheStageIsBuiltInMoments) {
    for (const std::string& each : kernels_) {
        const CommandResult result = tool({"run", "--kernel", each, "--family", "ipv4", "--out", folder_ / each,
                                           kCases + "handshake/three_way.yaml"});
        ASSERT_EQ(result.status, 0) << result.output << result.error;
        EXPECT_LT(timeline_from_json(timeline_of(folder_ / each)).events.front().at, std::chrono::milliseconds(200)) << each;
    }
}

TEST_F(GuestRuns, AnotherSeedGivesOtherNumbers) {
    for (const char* seed : {"1", "2"}) {
        const CommandResult result = tool({"run", "--kernel", kernel(), "--family", "ipv4", "--seed", seed, "--out",
                                           folder_ / seed, kCases + "teardown/four_way_close.yaml"});
        ASSERT_EQ(result.status, 0) << result.output << result.error;
    }
    EXPECT_NE(timeline_of(folder_ / "1"), timeline_of(folder_ / "2"));
}

// When the first step began.
Instant beginning(const Timeline& timeline) {
    for (const Event& event : timeline.events)
        if (std::holds_alternative<StepBegan>(event.body)) return event.at;
    throw Error("no step began");
}

// The guest does the same until then, so without the seed it would come to the same tick at the same moment.
TEST_F(GuestRuns, AnotherSeedBeginsElsewhereInATick) {
    std::map<std::string, Instant> began;
    for (const char* seed : {"1", "2", "3"}) {
        const CommandResult result = tool({"run", "--kernel", kernel(), "--family", "ipv4", "--seed", seed, "--out",
                                           folder_ / seed, kCases + "handshake/refused.yaml"});
        ASSERT_EQ(result.status, 0) << result.output << result.error;
        began[seed] = beginning(timeline_from_json(timeline_of(folder_ / seed)));
    }
    EXPECT_GT(began["3"], began["1"] + std::chrono::microseconds(500));
    EXPECT_GT(began["2"], began["3"] + std::chrono::microseconds(500));
}

// How long the first segment was under way.
Duration first_delay(const Timeline& timeline) {
    std::optional<Instant> sent;
    for (const Event& event : timeline.events) {
        const auto* seen = std::get_if<SegmentSeen>(&event.body);
        if (seen == nullptr) continue;
        if (seen->direction == Direction::arrived) return event.at - sent.value();
        if (!sent) sent = event.at;
    }
    throw Error("no segment arrived");
}

TEST_F(GuestRuns, AnotherSeedGivesNetemOtherLuck) {
    write_file(folder_ / "jitter.yaml", "case: jitter\nsteps:\n"
                                        "  - path: netem(both, delay=100ms, jitter=50ms)\n"
                                        "  - client: c = socket()\n"
                                        "  - client: connect(c, server:7000) = ECONNREFUSED\n");
    std::vector<std::string> kernels = kernels_;
    for (const guest::KernelImage& each : guest::installed_kernels())
        if (guest::release_matches(each.release, "5.10")) kernels.push_back("5.10");  // it has dice of its own
    for (const std::string& each : kernels) {
        std::set<Duration> delays;
        for (const char* seed : {"1", "2", "3"}) {
            const CommandResult result =
                tool({"run", "--kernel", each, "--seed", seed, "--out", folder_ / (each + seed), folder_ / "jitter.yaml"});
            ASSERT_EQ(result.status, 0) << result.output << result.error;
            delays.insert(first_delay(timeline_from_json(timeline_of(folder_ / (each + seed)))));
        }
        EXPECT_EQ(delays.size(), 3U) << each;
    }
}

// The host sees every state only where it may load BPF; the comparison is of states, segments and results.
TEST_F(GuestRuns, HostAndGuestTellTheSameStory) {
    const CommandResult result = tool({"run", "--kernel", "host," + kernel_list(), "--family", "ipv4", "--format", "json",
                                       kCases + "teardown/four_way_close.yaml", kCases + "teardown/linger_zero.yaml"});
    const json report = json::parse(result.output);
    for (const json& each : report.at("cases")) {
        if (each.at("outcome") == "skip") GTEST_SKIP() << each.at("reason");
        if (!each.at("exact_states").get<bool>()) GTEST_SKIP() << "the host's states are sampled";
    }
    ASSERT_EQ(report.at("matrix").at("cases").size(), 2);
    for (const json& each : report.at("matrix").at("cases")) EXPECT_TRUE(each.at("agree")) << each.dump(2);
}

TEST_F(GuestRuns, KernelsAreComparedInATable) {
    if (kernels_.size() < 2) GTEST_SKIP() << "two guest kernels are needed";
    const CommandResult result =
        tool({"run", "--kernel", kernel_list(), "--family", "ipv4", kCases + "teardown/four_way_close.yaml"});
    EXPECT_EQ(result.status, 0) << result.error;
    EXPECT_NE(result.output.find("same     pass  teardown/four-way close"), std::string::npos) << result.output;
    EXPECT_NE(result.output.find("1 of 1 the same on all"), std::string::npos) << result.output;
}

// Writing a key takes some of the guest's time, which moves the case's calls among the kernel's ticks.
TEST_F(GuestRuns, TuneDoesNotTakeLuckForAChange) {
    const std::string cases = kCases + "time_wait/";
    const CommandResult result =
        tool({"tune", "--kernel", kernel(), "--cases", cases + "program_is_gone.yaml", "--cases", cases + "tw_reuse.yaml",
              "--cases", cases + "old_fin_into_the_next.yaml", "--sysctl", "net.ipv4.tcp_timestamps=0", "--sysctl",
              "net.ipv4.tcp_syncookies=1", "--sysctl", "net.ipv4.tcp_max_syn_backlog=65536", "--format", "json"});
    ASSERT_EQ(result.status, 0) << result.error;
    const json told = json::parse(result.output);
    EXPECT_FALSE(told.at("changed").empty());
    for (const json& run : told.at("changed")) EXPECT_EQ(run.at("keys"), json::array({"net.ipv4.tcp_timestamps"})) << run;
    EXPECT_EQ(told.at("changed_nothing").size(), 2U) << told.at("changed_nothing");
}

TEST_F(GuestRuns, AProgramsExitStatusIsPassedThrough) {
    EXPECT_EQ(tool({"exec", "--kernel", kernel(), "--", "sh", "-c", "exit 7"}).status, 7);
    EXPECT_EQ(tool({"exec", "--kernel", kernel(), "--", "sleep", "60"}).status, 0);
    const CommandResult release = tool({"exec", "--kernel", kernel(), "--", "uname", "-r"});
    EXPECT_EQ(release.output, guest::find_kernel(kernel()).release + "\n");
}

TEST_F(GuestRuns, APanicIsAnErrorWithItsConsole) {
    const CommandResult result = tool({"exec", "--kernel", kernel(), "--", "sh", "-c", "echo c > /proc/sysrq-trigger"});
    EXPECT_EQ(result.status, 125);
    EXPECT_NE(result.error.find("Kernel panic - not syncing: sysrq"), std::string::npos) << result.error;
    EXPECT_NE(result.error.find("the guest's console ended with"), std::string::npos) << result.error;
}

TEST_F(GuestRuns, ARunWhoseGuestPanicsIsAnErrorWithItsConsole) {
    write_file(folder_ / "panic.yaml", kCrash);
    const CommandResult result = tool({"run", "--kernel", kernel(), folder_ / "panic.yaml"});
    EXPECT_EQ(result.status, 3) << result.output << result.error;
    EXPECT_NE(result.output.find("Kernel panic - not syncing: sysrq"), std::string::npos) << result.output;
}

TEST_F(GuestRuns, AMissingQemuAndAMissingKernelAreNamed) {
    const CommandResult no_qemu = tool({"run", "--kernel", kernel(), kCases + "teardown/four_way_close.yaml"},
                                       TCPWITNESS_SOURCE_DIR, {"PATH=" + folder_.path().string()});
    EXPECT_EQ(no_qemu.status, 3);
    EXPECT_NE(no_qemu.error.find("qemu-system-x86_64"), std::string::npos) << no_qemu.error;
    const CommandResult no_kernel = tool({"run", "--kernel", "2.2", kCases + "teardown/four_way_close.yaml"});
    EXPECT_EQ(no_kernel.status, 3);
    EXPECT_NE(no_kernel.error.find("tcpwitness kernels fetch"), std::string::npos) << no_kernel.error;
}

TEST_F(GuestRuns, ChoicesThatDoNotGoTogetherAreUsageErrors) {
    const std::string some = kCases + "teardown/four_way_close.yaml";
    EXPECT_EQ(tool({"run", "--kernel", "host", "--verify", some}).status, 2);
    EXPECT_EQ(tool({"run", "--kernel", kernel(), "--clock", "real", "--verify", some}).status, 2);
    EXPECT_EQ(tool({"run", "--kernel", "6.1,6.12", "--modules", "/lib/modules", some}).status, 2);
}

}  // namespace
}  // namespace tcpwitness
