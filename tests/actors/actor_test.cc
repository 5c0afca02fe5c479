// Starting, signalling and ending programs.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "private_network.hh"
#include "test_actor.hh"

namespace tcpwitness {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string namespace_of(const std::string& process) {
    char target[64] = "";
    const ssize_t length = readlink(("/proc/" + process + "/ns/net").c_str(), target, sizeof target);
    return std::string(target, static_cast<size_t>(std::max<ssize_t>(length, 0)));
}

FileDescriptor other_network_namespace() {
    FileDescriptor other;
    std::thread([&] {
        check_system(unshare(CLONE_NEWNET), "unshare", "network namespace");
        other = open_file("/proc/thread-self/ns/net", O_RDONLY);
    }).join();
    return other;
}

bool process_exists(pid_t pid) {
    return kill(pid, 0) == 0;
}

class ActorTest : public testing::Test {
  protected:
    std::string failure(const ActorOptions& options) {
        try {
            Actor(context_, options, {});
        } catch (const SystemError& error) {
            return error.what();
        }
        return "";
    }

    NothingLeft nothing_left_;
    PrivateNetwork network_;
    boost::asio::io_context context_;
};

TEST_F(ActorTest, AProgramRunsAndEnds) {
    TestActor program(context_, program_options({"sh", "-c", "exit 7"}));
    EXPECT_GT(program.actor().pid(), 0);
    const ActorExit exit = program.exit();
    EXPECT_EQ(exit.exit_status, 7);
    EXPECT_EQ(exit.signal, 0);
    EXPECT_FALSE(program.actor().running());
}

TEST_F(ActorTest, AProgramGetsItsFolderEnvironmentArgumentsAndNoDescriptorOfTheHarness) {
    const FileDescriptor leak(check_system(open("/dev/null", O_RDONLY), "open", "/dev/null"));  // not CLOEXEC
    ActorOptions options = program_options({"sh", "-c",
                                            "pwd; echo \"$1 $COLOUR $HOME_OF_TEST\"; for n in 3 4 5 6 7 8 9 10 11 12; "
                                            "do [ -e /proc/$$/fd/$n ] && echo has $n; done; true",
                                            "sh", "two words"});
    options.folder = "/usr";
    options.environment = {{"COLOUR", "green"}};
    setenv("HOME_OF_TEST", "kept", 1);
    TestActor program(context_, options);
    EXPECT_EQ(program.exit().exit_status, 0);
    EXPECT_EQ(program.output, "/usr\ntwo words green kept\n");
}

TEST_F(ActorTest, ATcpActorHasOnlyItsChannelMore) {
    TestActor program(context_, tcp_actor_options("client"));
    EXPECT_TRUE(program.call("socket", {}, "c").refused.empty());
    const std::string folder = "/proc/" + std::to_string(program.actor().pid()) + "/fd/";
    for (const char* number : {"0", "1", "2", "3", "4"})
        EXPECT_EQ(access((folder + number).c_str(), F_OK), 0) << number;
    EXPECT_NE(access((folder + "5").c_str(), F_OK), 0);
}

TEST_F(ActorTest, AProgramRunsInItsNetworkNamespace) {
    const FileDescriptor other = other_network_namespace();
    ActorOptions options = tcp_actor_options("client");
    options.network_namespace = other.get();
    TestActor program(context_, options);
    const std::string name = namespace_of(std::to_string(program.actor().pid()));
    EXPECT_NE(name, namespace_of("self"));
    EXPECT_FALSE(name.empty());
}

TEST_F(ActorTest, SaysWhichCallFailed) {
    EXPECT_EQ(failure(program_options({"/no/such/program"})), "execve /no/such/program: No such file or directory");
    EXPECT_EQ(failure(program_options({"no-such-program"})), "execve no-such-program: No such file or directory");
    EXPECT_EQ(failure(program_options({"/etc/passwd"})), "execve /etc/passwd: Permission denied");
    ActorOptions options = program_options({"true"});
    options.folder = "/no/such/folder";
    EXPECT_EQ(failure(options), "chdir /no/such/folder: No such file or directory");
    options = program_options({"true"});
    const FileDescriptor file = open_file("/dev/null", O_RDONLY);
    options.network_namespace = file.get();
    EXPECT_EQ(failure(options), "setns network namespace of program: Invalid argument");
    EXPECT_THROW(Actor(context_, program_options({}), {}), Error);
}

TEST_F(ActorTest, AProgramRunsAsAnotherUser) {
    ActorOptions options = program_options({"sh", "-c", "id -u; id -g; id -G"});
    options.user = 65534;
    if (!is_real_root()) {
        EXPECT_THAT(failure(options), HasSubstr("65534 for program"));
        return;
    }
    TestActor program(context_, options);
    EXPECT_EQ(program.exit().exit_status, 0);
    EXPECT_EQ(program.output, "65534\n65534\n65534\n");
}

// Whether a call has begun is read in /proc, which another user's process may have closed to it.
TEST_F(ActorTest, ATcpActorOfAnotherUserCanHaveUnfinishedCalls) {
    if (!is_real_root()) GTEST_SKIP() << "needs root to become another user";
    ActorOptions options = tcp_actor_options("server");
    options.user = 65534;
    TestActor server(context_, options);
    server.call("socket", {}, "l");
    server.call("bind", {socket_value("l"), address("127.0.0.1:7300")});
    server.call("listen", {socket_value("l"), integer(1)});
    server.begin("accept", {socket_value("l")}, "s");
    EXPECT_EQ(server.order.back(), "begun 4");
}

// The harness may block or ignore signals: its programs start with none of that.
TEST_F(ActorTest, SignalsHaveTheirDefaultsAndEndTheProgram) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto old = std::signal(SIGINT, SIG_IGN);
    for (const int number : {SIGINT, SIGTERM, SIGKILL}) {
        TestActor client(context_, tcp_actor_options("client"));
        client.call("socket", {}, "c");
        client.actor().signal(number);
        EXPECT_EQ(client.exit().signal, number);
        EXPECT_THROW(client.actor().signal(SIGTERM), SystemError);
        TestActor program(context_, program_options({"sleep", "100"}));
        program.actor().signal(number);
        EXPECT_EQ(program.exit().signal, number);
    }
    std::signal(SIGINT, old);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(ActorTest, ASignalToAProgramThatJustEndedIsNoError) {
    for (const bool takes_calls : {false, true}) {
        ActorOptions options = program_options({"true"});
        options.takes_calls = takes_calls;
        TestActor program(context_, options);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(program.actor().pid()), &info, WEXITED | WNOWAIT);
        EXPECT_TRUE(program.actor().running());
        EXPECT_NO_THROW(program.actor().signal(SIGTERM));
        EXPECT_EQ(program.exit().exit_status, 0);
        EXPECT_THROW(program.actor().signal(SIGTERM), SystemError);
    }
}

TEST_F(ActorTest, AnExitThatSomebodyElseWaitedForIsSaidToBeUnknown) {
    TestActor program(context_, program_options({"sleep", "100"}));
    program.actor().signal(SIGKILL);
    waitpid(program.actor().pid(), nullptr, 0);
    run_until(
        context_, [&] { return !program.broken.empty(); }, "the complaint");
    EXPECT_EQ(program.broken, "waitpid program: No child processes");
}

TEST_F(ActorTest, ASignalReachesTheWholeGroupOfAProgramAsCtrlCDoes) {
    TestActor program(context_, program_options({"sh", "-c",
                                                 "trap 'echo parent; exit 3' INT; sh -c \"trap 'echo child; exit 0' "
                                                 "INT; echo ready; while :; do sleep 0.01; done\"; echo after"}));
    run_until(
        context_, [&] { return program.output == "ready\n"; }, "the program");
    program.actor().signal(SIGINT);
    EXPECT_EQ(program.exit().exit_status, 3);
    EXPECT_THAT(program.output, HasSubstr("child\n"));
    EXPECT_THAT(program.output, HasSubstr("parent\n"));
}

TEST_F(ActorTest, TheReplyOfExitComesWhenTheProcessIsGone) {
    TestActor client(context_, tcp_actor_options("client"));
    client.begin("poll", {socket_value("none"), symbol("POLLIN")});
    const pid_t pid = client.actor().pid();
    bool gone = false;
    client.on_event = [&] { gone = gone || (client.order.back() == "reply 2" && !process_exists(pid)); };
    const CallReply reply = client.call("exit", {integer(5)});
    EXPECT_TRUE(gone);
    EXPECT_EQ(reply.result, 0);
    EXPECT_GT(reply.ended, reply.began);
    EXPECT_EQ(client.exit().exit_status, 5);
    EXPECT_EQ(client.order.back(), "exited");
}

TEST_F(ActorTest, AMisspelledExitIsRefusedAndTheProgramGoesOn) {
    TestActor client(context_, tcp_actor_options("client"));
    EXPECT_THAT(client.call("exit", {symbol("now")}).refused, HasSubstr("unknown exit status"));
    EXPECT_TRUE(client.actor().running());
}

TEST_F(ActorTest, ATcpActorEndsWhenNobodyAsksAnyMore) {
    auto [ours, theirs] = socket_pair(SOCK_STREAM);
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(theirs.get(), 3);
        close_range(4, ~0U, 0);
        execl(TCPWITNESS_BINARY_DIR "/tcp_actor", "tcp_actor", nullptr);
        _exit(127);
    }
    theirs.reset();
    ours.reset();
    int status = -1;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
}

TEST_F(ActorTest, WhatIsNoMessageBreaksTheChannel) {
    ActorOptions options = program_options({"sh", "-c", "printf '\\000\\000\\000\\002{]' >&3; sleep 100"});
    options.takes_calls = true;
    TestActor program(context_, options);
    run_until(
        context_, [&] { return !program.broken.empty(); }, "the broken channel");
    EXPECT_THAT(program.broken, HasSubstr("not a call reply"));
}

TEST_F(ActorTest, CallsNeedAProgramThatTakesThem) {
    TestActor program(context_, program_options({"sleep", "100"}));
    EXPECT_THROW(program.actor().call({.function = "socket"}), Error);
    TestActor client(context_, tcp_actor_options("client"));
    client.actor().signal(SIGKILL);
    client.exit();
    EXPECT_THROW(client.actor().call({.function = "socket"}), SystemError);
}

TEST_F(ActorTest, DestroyingAnActorKillsEverythingItStarted) {
    TestActor program(
        context_, program_options({"sh", "-c", "sleep 100 & echo $!; setsid sh -c 'echo $$; sleep 100' & sleep 100"}));
    run_until(
        context_, [&] { return std::count(program.output.begin(), program.output.end(), '\n') == 2; }, "the children");
    const int first = std::stoi(program.output);
    const int second = std::stoi(program.output.substr(program.output.find('\n') + 1));
    EXPECT_TRUE(process_exists(first) && process_exists(second));
    prctl(PR_SET_CHILD_SUBREAPER, 1);  // as process 1 of its namespace, the harness gets the orphans
    program.destroy();
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    EXPECT_FALSE(process_exists(first));
    EXPECT_FALSE(process_exists(second));
}

TEST_F(ActorTest, OrphansAreReapedAndOtherActorsAreNot) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    TestActor other(context_,
                    program_options({"sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"}));
    run_until(
        context_, [&] { return other.output == "ready\n"; }, "the program");
    other.actor().signal(SIGTERM);
    siginfo_t info{};  // it has ended and nobody was told yet
    EXPECT_EQ(waitid(P_PID, static_cast<id_t>(other.actor().pid()), &info, WEXITED | WNOWAIT), 0);
    {
        TestActor program(context_, program_options({"sh", "-c", "setsid sh -c 'sleep 100' & echo $!"}));
        program.exit();
        EXPECT_TRUE(process_exists(std::stoi(program.output)));  // a daemon: it lives on
    }
    EXPECT_EQ(other.exit().exit_status, 9);
    other.destroy();  // the last actor takes the daemon with it
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_F(ActorTest, AnActorMayBeDestroyedInsideItsOwnEvents) {
    for (const char* last : {"reply 1", "reply 2", "exited"}) {
        TestActor client(context_, tcp_actor_options("client"));
        client.on_event = [&] {
            if (client.order.back() == last) client.destroy();
        };
        client.actor().call({.id = 1, .function = "socket", .makes = "c"});
        client.actor().call({.id = 2, .function = "exit"});
        run_until(
            context_, [&] { return !client.order.empty() && client.order.back() == last; }, last);
    }
    context_.restart();
    context_.poll();
}

TEST_F(ActorTest, EventsComeInOrder) {
    TestActor client(context_, tcp_actor_options("client"));
    client.actor().call({.id = 1, .function = "socket", .makes = "c"});
    client.actor().call({.id = 2, .function = "exit"});
    client.exit();
    EXPECT_THAT(client.order, ElementsAre("reply 1", "reply 2", "exited"));
}

}  // namespace
}  // namespace tcpwitness
