// Boots real guests: the newest kernel that is installed, or $TCPWITNESS_TEST_KERNEL. Skipped by name only when there is
// no QEMU or no kernel.
#include "guest/guest.hh"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "guest/exec_program.hh"
#include "guest/guest_session.hh"
#include "guest/library_search.hh"
#include "../temporary_folder.hh"

namespace tcpwitness::guest {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kQemu = "qemu-system-x86_64";
const std::string kAgent = std::string(TCPWITNESS_BINARY_DIR) + "/guest_test_agent";

std::string kernel_name() {
    const char* name = getenv("TCPWITNESS_TEST_KERNEL");
    return name != nullptr ? name : "newest";
}

std::string search_path() {
    const char* path = getenv("PATH");
    return path != nullptr ? path : std::string(kDefaultSearchPath);
}

class GuestTest : public testing::Test {
  protected:
    void SetUp() override {
        if (find_program(kQemu, search_path()).empty()) GTEST_SKIP() << kQemu << " is missing";
        try {
            configuration_.kernel = find_kernel(kernel_name());
        } catch (const Error& error) {
            GTEST_SKIP() << error.what();
        }
        configuration_.files = guest_files(kAgent);
        configuration_.snapshots = std::string(TCPWITNESS_BINARY_DIR) + "/guest-snapshots";
    }

    static GuestRequest request(std::string kind, std::string body = {}, uint64_t seed = 7) {
        return {.kind = std::move(kind), .body = std::move(body), .files = {}, .seed = seed_from(seed)};
    }
    // What a request that must fail says.
    static std::string failure(const Guest& guest, const GuestRequest& request, std::chrono::milliseconds limit = 20s) {
        try {
            return "no failure: " + guest.run(request, limit).body;
        } catch (const GuestError& error) {
            return error.what();
        }
    }

    GuestConfiguration configuration_;
};

TEST_F(GuestTest, AMinuteOfItsTimeIsAMomentOfOurs) {
    const Guest guest(configuration_);
    const auto before = std::chrono::steady_clock::now();
    const GuestAnswer answer = guest.run(request("sleep", "60"), 20s);
    const auto took = std::chrono::steady_clock::now() - before;
    const auto told = nlohmann::json::parse(answer.body);
    EXPECT_GE(told.at("slept").get<int64_t>(), 60'000'000'000);
    EXPECT_LT(told.at("slept").get<int64_t>(), 60'010'000'000);
    EXPECT_LT(took, 6s);  // ci/bench measures it; this only tells it from real time on a machine under load
    EXPECT_NE(answer.console.find("slept 60 s"), std::string::npos);
}

TEST_F(GuestTest, TheSameRequestGivesTheSameBytes) {
    const Guest guest(configuration_);
    const GuestAnswer first = guest.run(request("sleep", "3"), 20s);
    for (int i = 0; i < 3; ++i) {
        const GuestAnswer again = guest.run(request("sleep", "3"), 20s);
        EXPECT_EQ(first_difference(first.body, again.body), std::nullopt) << first.body << "\n" << again.body;
        EXPECT_EQ(first.console, again.console);
    }
}

TEST_F(GuestTest, ASessionGivesTheSameBytesWhateverItRanBefore) {
    const Guest guest(configuration_);
    const GuestAnswer alone = guest.run(request("sleep", "3"), 20s);
    std::vector<std::string> logged;
    configuration_.log = [&](const std::string& line) { logged.push_back(line); };
    const Guest logging(configuration_);
    GuestSession session(logging);
    for (const char* before : {"sleep", "naps", "echo", "modules"}) {
        session.run(request(before, "5", 3), 20s);
        const GuestAnswer answer = session.run(request("sleep", "3"), 20s);
        EXPECT_EQ(first_difference(alone.body, answer.body), std::nullopt) << before << "\n" << alone.body << "\n" << answer.body;
        EXPECT_EQ(alone.console, answer.console) << before;
    }
    EXPECT_EQ(logged, std::vector<std::string>{});  // it was the same QEMU all the time
}

TEST_F(GuestTest, NothingThatARunOfASessionLeftIsThereInTheNext) {
    const Guest guest(configuration_);
    GuestSession session(guest);
    const std::string fresh = session.run(request("marks"), 20s).body;
    EXPECT_TRUE(fresh.starts_with("false false ")) << fresh;
    EXPECT_EQ(fresh.find("marked"), std::string::npos) << fresh;
    EXPECT_EQ(session.run(request("marks"), 20s).body, fresh);
}

// QEMU keeps translated code; that of a page which is no longer what was translated must be gone.
TEST_F(GuestTest, CodeThatARunOfASessionWroteIsNotCalledInTheNext) {
    const Guest guest(configuration_);
    GuestSession session(guest);
    EXPECT_EQ(session.run(request("call"), 20s).body, "1");
    EXPECT_EQ(session.run(request("write and call", "2"), 20s).body, "2");
    EXPECT_EQ(session.run(request("call"), 20s).body, "1");
    EXPECT_EQ(session.run(request("write and call", "3"), 20s).body, "3");
}

TEST_F(GuestTest, ASessionOutlivesARunThatFailed) {
    const Guest guest(configuration_);
    const std::string body = guest.run(request("sleep", "3"), 20s).body;
    GuestSession session(guest);
    for (const char* failing : {"throw", "abort", "panic"}) {
        EXPECT_THROW(session.run(request(failing), 20s), GuestError) << failing;
        EXPECT_EQ(session.run(request("sleep", "3"), 20s).body, body) << failing;
    }
    EXPECT_THROW(session.run(request("hang"), 2s), GuestError);
    EXPECT_EQ(session.run(request("sleep", "3"), 20s).body, body);
}

// A QEMU without the functions that reverting takes, say.
TEST_F(GuestTest, WhereQemuCannotBeRevertedEveryRunStartsOne) {
    const TemporaryFolder folder;
    configuration_.snapshots = folder.path();
    configuration_.qemu = folder.file("qemu", "#!/bin/sh\nTCPWITNESS_REVERT=\"${TCPWITNESS_REVERT% *} 999\"\n"
                                              "exec qemu-system-x86_64 \"$@\"\n");
    fs::permissions(configuration_.qemu, fs::perms::owner_all);
    std::string logged;
    configuration_.log = [&](const std::string& line) { logged += line + "\n"; };
    const Guest guest(configuration_);
    GuestSession session(guest);
    const std::string body = session.run(request("sleep", "3"), 20s).body;
    EXPECT_EQ(session.run(request("sleep", "3"), 20s).body, body);
    EXPECT_EQ(session.run(request("sleep", "3"), 20s).body, body);
    const std::string said = "another is started, which is slower: the guest's RAM is not mapped privately";
    EXPECT_NE(logged.find(said), std::string::npos) << logged;
    EXPECT_EQ(logged.find(said), logged.rfind(said)) << logged;
}

// A QEMU whose main loop looks all the time whether its processor is halted, and for long finds it so too early.
class RestlessQemu : public GuestTest {
  protected:
    void SetUp() override {
        GuestTest::SetUp();
        configuration_.snapshots = folder_.path();
    }
    std::string naps() const { return Guest(configuration_).run(request("naps", "100"), 60s).body; }
    // The same from a QEMU that loads `preloaded`, a list for LD_PRELOAD, once a snapshot was made.
    std::string naps_with(const std::string& preloaded) {
        configuration_.qemu = folder_.file("qemu", "#!/bin/sh\ncase \"$*\" in *-incoming*) export LD_PRELOAD=\"" + preloaded +
                                                       "\";; esac\nexec qemu-system-x86_64 \"$@\"\n");
        fs::permissions(configuration_.qemu, fs::perms::owner_all);
        return naps();
    }

    TemporaryFolder folder_;
};

TEST_F(RestlessQemu, ChangesNothingWhenItsThreadsTakeTurns) {
    EXPECT_EQ(naps_with("$LD_PRELOAD:" RESTLESS_QEMU), naps());
}

// Else the test above would show nothing.
TEST_F(RestlessQemu, ChangesTheTimesWhenTheyDoNot) {
    EXPECT_NE(naps_with(RESTLESS_QEMU), naps());
}

TEST_F(RestlessQemu, ThatCannotBeMadeToTakeTurnsIsAnError) {
    try {
        naps_with("/no/such/library");
        FAIL() << "it ran";
    } catch (const GuestError& error) {
        EXPECT_EQ(error.reason().substr(0, error.reason().find('\n')), "QEMU does not load what makes its runs the same every time");
        EXPECT_NE(error.reason().find("/no/such/library"), std::string::npos) << error.reason();
    }
}

TEST_F(GuestTest, AColdBootGivesTheSameBytes) {
    const Guest guest(configuration_);
    const GuestAnswer resumed = guest.run(request("sleep", "3"), 20s);
    const GuestAnswer booted = guest.run_cold(request("sleep", "3"), 20s);
    EXPECT_EQ(first_difference(resumed.body, booted.body), std::nullopt) << resumed.body << "\n" << booted.body;
}

TEST_F(GuestTest, ASecondSnapshotGivesTheSameBytes) {
    const TemporaryFolder folder;
    const Guest guest(configuration_);
    configuration_.snapshots = folder.path();
    const Guest other(configuration_);
    EXPECT_EQ(guest.key(), other.key());
    EXPECT_EQ(guest.run(request("sleep", "3"), 20s).body, other.run(request("sleep", "3"), 20s).body);
}

TEST_F(GuestTest, AnotherSeedGivesOtherRandomNumbersAndTheSameTimes) {
    const Guest guest(configuration_);
    const auto one = nlohmann::json::parse(guest.run(request("sleep", "3", 1), 20s).body);
    const auto two = nlohmann::json::parse(guest.run(request("sleep", "3", 2), 20s).body);
    EXPECT_NE(one.at("random"), two.at("random"));
    EXPECT_NEAR(one.at("slept").get<double>(), two.at("slept").get<double>(), 1e6);
}

TEST_F(GuestTest, TheMachineIsAskedOnce) {
    const Guest guest(configuration_);
    EXPECT_TRUE(guest.machine().starts_with(guest.kernel_release())) << guest.machine();
    const std::string modules = guest.run(request("modules"), 20s).body;
    for (const char* needed : {"veth", "sch_netem", "tcp_diag"})
        EXPECT_NE(modules.find(std::string(needed) + " "), std::string::npos) << needed;
}

TEST_F(GuestTest, LargeRequestsAndRepliesComeAcross) {
    const Guest guest(configuration_);
    std::string body(5 << 20, '\0');
    for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 2654435761u >> 13);
    EXPECT_EQ(guest.run(request("echo", body), 30s).body, body);
}

TEST_F(GuestTest, FailuresAreNamed) {
    const Guest guest(configuration_);
    EXPECT_TRUE(failure(guest, request("throw")).starts_with("guest: thrown by the handler"));
    EXPECT_NE(failure(guest, request("abort")).find("killed by ABRT"), std::string::npos);
    EXPECT_NE(failure(guest, request("panic")).find("Kernel panic - not syncing: sysrq"), std::string::npos);
    EXPECT_NE(failure(guest, request("hang"), 2s).find("hung"), std::string::npos);
    EXPECT_NE(failure(guest, request("spin"), 2s).find("still at work"), std::string::npos);
    EXPECT_NE(failure(guest, request("sleep", "1"), 1ms).find("time limit"), std::string::npos);
}

TEST_F(GuestTest, RunsAnyProgramWithItsLibraries) {
    configuration_.files.add_program("sh", "/usr/bin:/bin");
    configuration_.files.add_program("uname", "/usr/bin:/bin");
    const Guest guest(configuration_);
    GuestRequest exec = request(std::string(kExecKind));
    exec.body = exec_request_to_bytes({{"sh", "-c", "uname -r; echo oops >&2; exit 3"}, {}, ""});
    const ExecResult result = exec_result_from_bytes(guest.run(exec, 20s).body);
    EXPECT_EQ(result.status, 3);
    EXPECT_EQ(result.output, guest.kernel_release() + "\n");
    EXPECT_EQ(result.error, "oops\n");
}

TEST_F(GuestTest, FilesOfTheRequestReachTheGuest) {
    const Guest guest(configuration_);
    FileSet files;
    files.add_program("cat", "/usr/bin:/bin");
    files.add_content("/data/note", 0644, "brought along");
    GuestRequest exec = request(std::string(kExecKind));
    exec.body = exec_request_to_bytes({{"cat", "/data/note"}, {}, ""});
    exec.files = files.to_cpio();
    EXPECT_EQ(exec_result_from_bytes(guest.run(exec, 20s).body).output, "brought along");
}

TEST_F(GuestTest, TwoThatNeedTheSameSnapshotMakeItOnce) {
    const TemporaryFolder folder;
    configuration_.snapshots = folder.path();
    std::atomic<int> boots = 0;
    configuration_.log = [&](const std::string& line) { boots += line.starts_with("booting"); };
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) threads.emplace_back([&] { EXPECT_FALSE(Guest(configuration_).machine().empty()); });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(boots, 1);
}

// Processes with QEMU's name whose parent or grandparent is `ancestor`, or that lost their parent.
int guests_of(pid_t ancestor) {
    int count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
        std::ifstream stat(entry.path() / "stat");
        std::string pid, name, state;
        pid_t parent = 0;
        if (stat >> pid >> name >> state >> parent && name.starts_with("(qemu-system") && parent == ancestor) ++count;
    }
    return count;
}

TEST_F(GuestTest, NothingOutlivesAKilledRun) {
    const TemporaryFolder folder;
    configuration_.snapshots = folder.path();
    int started[2];
    ASSERT_EQ(pipe(started), 0);
    const pid_t child = fork();
    if (child == 0) {
        configuration_.log = [&](const std::string&) { (void)!write(started[1], "x", 1); };
        const Guest guest(configuration_);
        _exit(0);
    }
    char byte;
    ASSERT_EQ(read(started[0], &byte, 1), 1);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (guests_of(child) == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(guests_of(child), 1);
    const int before = guests_of(1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (guests_of(1) > before && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_EQ(guests_of(child), 0);
    EXPECT_LE(guests_of(1), before);
    const Guest guest(configuration_);  // what was half-written is made again
    EXPECT_FALSE(guest.machine().empty());
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path()))
        EXPECT_EQ(entry.path().string().find("unfinished"), std::string::npos) << entry.path();
}

TEST_F(GuestTest, AMissingQemuIsNamed) {
    configuration_.qemu = "qemu-that-is-not-there";
    try {
        const Guest guest(configuration_);
        FAIL();
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("qemu-that-is-not-there"), std::string::npos);
    }
}

TEST_F(GuestTest, AKernelThatDoesNotBootIsAnErrorWithItsConsole) {
    const TemporaryFolder folder;
    configuration_.snapshots = folder.path();
    configuration_.extra_command_line = "rdinit=/no/such/init init=/no/such/init";
    try {
        const Guest guest(configuration_);
        FAIL();
    } catch (const GuestError& error) {
        EXPECT_NE(std::string(error.what()).find("Kernel panic"), std::string::npos) << error.what();
        EXPECT_FALSE(error.console().empty());
    }
}

TEST_F(GuestTest, RealTimeIsReal) {
    configuration_.clock = GuestClock::real_time;
    const Guest guest(configuration_);
    const auto before = std::chrono::steady_clock::now();
    const GuestAnswer answer = guest.run(request("sleep", "2"), 60s);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 2s);
    EXPECT_GE(nlohmann::json::parse(answer.body).at("slept").get<int64_t>(), 2'000'000'000);
}

}  // namespace
}  // namespace tcpwitness::guest
