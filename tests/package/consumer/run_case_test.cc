#include <gtest/gtest.h>

#include <tcpwitness/run_case.hh>
#include <thread>

namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;
using tcpwitness::CaseRun;
using tcpwitness::Outcome;

// The only run of a case over IPv4 on this machine's kernel.
CaseRun run(const std::string& name) {
    std::vector<CaseRun> runs = tcpwitness::run_case(CASES + name, {"host", 7, "ipv4", {}, {}});
    EXPECT_EQ(runs.size(), 1U);
    return runs.at(0);
}

TEST(RunCase, TellsSegmentsAndCalls) {
    const CaseRun refused = run("refused.yaml");
    ASSERT_EQ(refused.outcome, Outcome::passed) << refused.reason << refused.failure;
    EXPECT_EQ(refused.id, "refused");
    EXPECT_EQ(refused.name, "nobody listens on the port");
    EXPECT_EQ(refused.failure, "");
    EXPECT_NE(refused.where.find(refused.kernel), std::string::npos) << refused.where;
    EXPECT_NE(refused.repeat.find("--seed 7"), std::string::npos) << refused.repeat;

    ASSERT_EQ(refused.segments.size(), 2U);
    const tcpwitness::Segment& syn = refused.segments[0];
    const tcpwitness::Segment& reset = refused.segments[1];
    EXPECT_EQ(syn.from + " > " + syn.to + ": " + syn.flags, "client > server: SYN");
    EXPECT_EQ(reset.from + " > " + reset.to + ": " + reset.flags, "server > client: RST ACK");
    EXPECT_EQ(syn.seq.value, 0);
    EXPECT_FALSE(syn.ack);
    EXPECT_EQ(reset.ack.value().value, 1);
    EXPECT_LE(syn.sent.value(), syn.arrived.value());
    EXPECT_LE(syn.arrived.value(), reset.sent.value());

    const tcpwitness::Call& connect = refused.call("client", "connect(c");
    EXPECT_EQ(connect.text, "connect(c, server:7000)");
    EXPECT_EQ(connect.result, -1);
    EXPECT_EQ(connect.error_number, ECONNREFUSED);
    EXPECT_LE(connect.duration().value(), 10s);

    EXPECT_EQ(refused.record.at("timeline").at("complete"), true);
    EXPECT_THROW(refused.call("client", "close("), std::out_of_range);
}

TEST(RunCase, TellsWhatWasLostAndCameAgain) {
    const CaseRun lost = run("syn_lost.yaml");
    ASSERT_EQ(lost.outcome, Outcome::passed) << lost.reason << lost.failure;
    ASSERT_GE(lost.segments.size(), 2U);
    EXPECT_TRUE(lost.segments[0].lost);
    EXPECT_FALSE(lost.segments[0].arrived);
    EXPECT_FALSE(lost.segments[1].lost);
    EXPECT_TRUE(lost.segments[1].again);
    EXPECT_GE(lost.call("client", "connect(c").duration().value(), 900ms);
}

TEST(RunCase, TellsTheStatesOfSockets) {
    const CaseRun lost = run("syn_lost.yaml");
    ASSERT_EQ(lost.outcome, Outcome::passed) << lost.reason << lost.failure;
    const tcpwitness::Socket& socket = lost.socket("client", "c");
    EXPECT_EQ(socket.host, "client");
    EXPECT_EQ(socket.local, lost.segments.at(0).source);
    EXPECT_EQ(socket.remote, lost.segments.at(0).destination);
    EXPECT_EQ(socket.states(), (Names{"SYN_SENT", "ESTABLISHED"}));
    EXPECT_GT(socket.spans.at(0).at, 0ns);
    EXPECT_EQ(socket.spans.at(0).ended, socket.spans.at(1).at);
    EXPECT_FALSE(socket.spans.at(1).ended);
    EXPECT_EQ(lost.socket("server", "l").states(), Names{"LISTEN"});
    EXPECT_FALSE(lost.socket("server", "l").remote);
    EXPECT_THROW(lost.socket("client", "d"), std::out_of_range);
}

TEST(RunCase, TellsWhyACaseFailed) {
    const CaseRun wrong = run("wrong.yaml");
    EXPECT_EQ(wrong.outcome, Outcome::failed);
    EXPECT_NE(wrong.reason.find("is RST ACK where RST was expected"), std::string::npos) << wrong.reason;
    EXPECT_NE(wrong.failure.find("expected  server > client: RST seq=p+1"), std::string::npos) << wrong.failure;
    EXPECT_EQ(wrong.segments.size(), 2U);
}

TEST(RunCase, TellsThatACaseWasSkipped) {
    const CaseRun skipped = run("old_kernel.yaml");
    EXPECT_EQ(skipped.outcome, Outcome::skipped);
    EXPECT_NE(skipped.reason.find("kernel < 2.0"), std::string::npos) << skipped.reason;
    EXPECT_TRUE(skipped.segments.empty());
}

// What a test of a case does where the machine cannot run it.
TEST(RunCase, SkipsWhatIsSkipped) {
    const CaseRun skipped = run("old_kernel.yaml");
    if (skipped.outcome == Outcome::skipped) GTEST_SKIP() << skipped.reason;
    FAIL() << skipped.outcome;
}

TEST(RunCase, TellsOfEveryCaseInAFolder) {
    std::vector<std::string> outcomes;
    for (const CaseRun& each : tcpwitness::run_case(CASES, {"host", {}, {}, {}, {}}))
        outcomes.push_back(each.id + " " + to_string(each.outcome));
    EXPECT_EQ(outcomes, (Names{"old_kernel skipped", "refused passed", "syn_lost passed", "wrong failed"}));
}

// What run_case says when it throws.
std::string complaint(const std::string& path, const tcpwitness::RunOptions& options) {
    try {
        tcpwitness::run_case(path, options);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(RunCase, TellsMistakesOfUsage) {
    tcpwitness::RunOptions options;
    EXPECT_NE(complaint("no_such_case.yaml", options).find("no_such_case.yaml"), std::string::npos);
    options.kernel = "no_such_kernel";
    EXPECT_NE(complaint(CASES "refused.yaml", options).find("no_such_kernel"), std::string::npos);
    options = {};
    options.arguments = {"-k", "nothing_has_this_name"};
    EXPECT_NE(complaint(CASES "refused.yaml", options).find("no run matches"), std::string::npos);
}

TEST(RunCase, TellsWhichProgramCannotBeStarted) {
    tcpwitness::RunOptions options;
    setenv("TCPWITNESS_PROGRAM", "/of/the/environment", 1);
    EXPECT_NE(complaint(CASES "refused.yaml", options).find("/of/the/environment cannot be"), std::string::npos);
    options.program = "/of/the/options";
    EXPECT_NE(complaint(CASES "refused.yaml", options).find("/of/the/options cannot be"), std::string::npos);
    unsetenv("TCPWITNESS_PROGRAM");
}

// The number that the program of the next test writes down.
pid_t noted(const std::string& file) {
    for (int times = 0; times < 1000; ++times) {
        pid_t number = 0;
        if (std::ifstream(file) >> number) return number;
        std::this_thread::sleep_for(10ms);
    }
    return -1;
}

TEST(RunCase, TellsTheProgramToEndWithIt) {
    const tcpwitness::detail::TemporaryFolder folder;
    const std::string program = folder.path() / "program";
    const std::string note = folder.path() / "note";
    std::ofstream(program) << "#!/bin/sh\necho $$ > " << note << "\nexec sleep 100\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // what it leaves behind comes to this process
    const pid_t test = fork();
    if (test == 0) {
        tcpwitness::RunOptions options;
        options.program = program;
        tcpwitness::run_case(CASES "refused.yaml", options);
        _exit(0);
    }
    const pid_t left = noted(note);
    ASSERT_GT(left, 0);
    kill(test, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(test, &status, 0), test);
    ASSERT_EQ(waitpid(left, &status, 0), left);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

}  // namespace
