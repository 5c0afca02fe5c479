// tcpwitness try as users meet it: programs of this machine on a stage, what is said of them, and the case that is
// kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "../temporary_folder.hh"
#include "base/file_descriptor.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kWithoutReuse =
    "import socket\n"
    "l = socket.socket()\n"
    "l.bind(('', 7000))\n"
    "l.listen(8)\n"
    "while True:\n"
    "    s, _ = l.accept()\n";

// Each connection has a process of its own, in a session of its own: the signal does not reach it.
constexpr const char* kForking =
    "import os, socket, sys\n"
    "l = socket.socket()\n"
    "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(sys.argv[1]))\n"
    "l.bind(('', 7000))\n"
    "l.listen(8)\n"
    "while True:\n"
    "    s, _ = l.accept()\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"
    "        l.close()\n"
    "        s.recv(1)\n"
    "        os._exit(0)\n"
    "    s.close()\n";

// Not a wrapper that looks for the right one first.
constexpr const char* kPython = "/usr/bin/python3";

class Try : public testing::Test {
  protected:
    void SetUp() override {
        if (access(kPython, X_OK) != 0) GTEST_SKIP() << "there is no " << kPython;
    }

    ToolRun tried(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {"try", "--kernel", "host"});
        return run_tool(arguments, {.folder = folder_.path(), .environment = {"LC_ALL=C.UTF-8"}});
    }

    // What was kept is a case, and passes.
    void run_case(const std::string& name) const {
        EXPECT_EQ(run_tool({"check", folder_ / name}).status, 0);
        const ToolRun ran = run_tool({"run", "--kernel", "host", folder_ / name});
        EXPECT_EQ(ran.status, 0) << ran.output << ran.error;
    }

    TemporaryFolder folder_;
};

TEST_F(Try, AServerThatComesBackAtOnce) {
    const ToolRun said =
        tried({"--server", "/usr/bin/python3 -m http.server 8000", "--restart", "SIGTERM", "--out", "http.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("python3 and a client that stays connected, restarted by SIGTERM: port 8000"));
    EXPECT_THAT(said.output, HasSubstr("  the server closed first: client CLOSED, server TIME_WAIT\n"));
    EXPECT_THAT(said.output, HasSubstr("python3 could bind and listened again after"));
    EXPECT_THAT(said.output, HasSubstr("only with SO_REUSEADDR (or SO_REUSEPORT)"));
    EXPECT_THAT(said.output, HasSubstr("TIME_WAIT"));
    EXPECT_THAT(read_file(folder_ / "http.yaml"), HasSubstr("    server: {LISTEN: 1, TIME_WAIT: 1}\n"));
    run_case("http.yaml");
}

TEST_F(Try, AServerThatCannotComeBack) {
    write_file(folder_ / "server.py", kWithoutReuse);
    const ToolRun said = tried({"--server", "/usr/bin/python3 server.py", "--restart", "--out", "no_reuse.yaml"});
    EXPECT_EQ(said.status, 1) << said.output << said.error;
    EXPECT_THAT(in_one_line(said.output), HasSubstr("did not listen again: EADDRINUSE (Address already in use)"));
    EXPECT_THAT(in_one_line(said.output), HasSubstr("TIME_WAIT is on the port and python3 does not set SO_REUSEADDR"));
    EXPECT_THAT(read_file(folder_ / "no_reuse.yaml"), HasSubstr("  - await: python3 exit = 1 within 10s\n"));
    run_case("no_reuse.yaml");
}

TEST_F(Try, ASessionThatOutlivesTheServer) {
    write_file(folder_ / "server.py", kForking);
    const ToolRun said = tried({"--server", "/usr/bin/python3 server.py 1", "--restart", "--out", "session.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("  on port 7000 then: 1 ESTABLISHED\n"));
    EXPECT_THAT(in_one_line(said.output),
                HasSubstr("it stayed open over the restart. python3 could bind and listened"));
    run_case("session.yaml");
    const ToolRun refused = tried({"--server", "/usr/bin/python3 server.py 0", "--restart", "--out", "refused.yaml"});
    EXPECT_EQ(refused.status, 1) << refused.output << refused.error;
    EXPECT_THAT(in_one_line(refused.output), HasSubstr("python3 did not listen again: EADDRINUSE"));
    EXPECT_THAT(in_one_line(refused.output), HasSubstr("Processes of the old server still have connections"));
    run_case("refused.yaml");
}

TEST_F(Try, AServerThatWaitsForItsClient) {
    write_file(folder_ / "server.py",
               "import signal, socket\n"
               "signal.signal(signal.SIGTERM, lambda *ignored: None)\n"
               "l = socket.socket()\n"
               "l.bind(('', 7000))\n"
               "l.listen(8)\n"
               "s, _ = l.accept()\n"
               "s.recv(1)\n");
    const ToolRun said = tried({"--server", "/usr/bin/python3 server.py", "--restart", "--out", "waits.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("  the client closed first: client TIME_WAIT, server CLOSED\n"));
    EXPECT_THAT(in_one_line(said.output),
                HasSubstr("SIGTERM did not end python3 while the connection was open: the client closed it first."));
    run_case("waits.yaml");
}

TEST_F(Try, AClientOfTheUsersOwnThatStays) {
    write_file(folder_ / "stay.py",
               "import socket, time\n"
               "c = socket.create_connection(('server', 7000))\n"
               "time.sleep(1000)\n");
    write_file(folder_ / "server.py", kForking);
    const ToolRun said = tried({"--server", "/usr/bin/python3 server.py 1", "--client", "/usr/bin/python3 stay.py",
                                "--restart", "--out", "stays.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("  on port 7000 then: 1 ESTABLISHED\n"));
    EXPECT_THAT(said.output, HasSubstr("  python3_2 was still connected when SIGTERM came.\n"));
    EXPECT_THAT(said.output, HasSubstr("python3 could bind and listened again"));
    run_case("stays.yaml");
}

TEST_F(Try, AClientOfTheUsersOwn) {
    write_file(folder_ / "ask.py",
               "import socket, sys\n"
               "c = socket.create_connection((sys.argv[1], 7000))\n"
               "c.close()\n");
    write_file(folder_ / "server.py", std::string(kWithoutReuse) + "    s.recv(1)\n    s.close()\n");
    const ToolRun said = tried(
        {"--server", "/usr/bin/python3 server.py", "--client", "/usr/bin/python3 ask.py server", "--out", "ask.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("  the client closed first: client TIME_WAIT, server CLOSED\n"));
    EXPECT_THAT(said.output, HasSubstr("python3_2 exited 0"));
    run_case("ask.yaml");
}

TEST_F(Try, AServerThatDoesNotStart) {
    const ToolRun said =
        tried({"--server", "/usr/bin/python3 -c 'raise SystemExit(\"no configuration\")'", "--out", "none.yaml"});
    EXPECT_EQ(said.status, 1) << said.output;
    EXPECT_THAT(said.error, HasSubstr("python3 never listened: python3 exited 1\n  python3: no configuration\n"));
    EXPECT_THAT(folder_.files(), Not(testing::Contains("none.yaml")));
}

TEST_F(Try, WhatCannotBeTried) {
    const ToolRun local = tried({"--server", "/usr/bin/python3 -m http.server 8000 --bind 127.0.0.1"});
    EXPECT_EQ(local.status, 1);
    EXPECT_THAT(local.error, HasSubstr("listens only on 127.0.0.1:8000"));
    const ToolRun missing = tried({"--server", "no-such-program-here"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.error, HasSubstr("there is no program 'no-such-program-here' here"));
    EXPECT_EQ(tried({"--server", "sh", "--restart", "SIGNOTHING"}).status, 2);
    EXPECT_EQ(tried({"--server", "sh -c 'x"}).status, 2);
}

}  // namespace
}  // namespace tcpwitness::test
