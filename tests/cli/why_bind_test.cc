// tcpwitness why-bind as users meet it: what it prints about sockets of this test, its exit status, and that the cases
// it writes show the same.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "../temporary_folder.hh"
#include "base/address.hh"
#include "base/error.hh"
#include "bind/bind_answer.hh"
#include "report/bind_case.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr uid_t kNobody = 65534;

// Sockets on 127.0.0.1, at a port that the kernel chose.
class WhyBind : public testing::Test {
  protected:
    WhyBind() { chmod(folder_.path().c_str(), 0777); }

    void listen_here(bool reuse_address, bool reuse_port = false) {
        listener_ = FileDescriptor(check_system(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", ""));
        set(SO_REUSEADDR, reuse_address);
        set(SO_REUSEPORT, reuse_port);
        sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        check_system(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind", "127.0.0.1");
        socklen_t length = sizeof address;
        getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
        port_ = ntohs(address.sin_port);
    }

    // The listener is gone, a connection of it is left: in ESTABLISHED, or in TIME_WAIT.
    void leave_connection(bool time_wait) {
        check_system(listen(listener_.get(), 8), "listen", "");
        sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port_), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        client_ = FileDescriptor(check_system(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket", ""));
        check_system(connect(client_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "connect", "");
        accepted_ =
            FileDescriptor(check_system(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept", ""));
        listener_.reset();
        if (!time_wait) return;
        accepted_.reset();
        char byte = 0;
        EXPECT_EQ(recv(client_.get(), &byte, 1, 0), 0);
        client_.reset();
    }

    std::string here() const { return "127.0.0.1:" + std::to_string(port_); }

    ToolRun why(std::vector<std::string> arguments, std::optional<uid_t> user = std::nullopt) const {
        arguments.insert(arguments.begin(), "why-bind");
        return run_tool(arguments, {.folder = folder_.path(), .user = user, .environment = {"LC_ALL=C.UTF-8"}});
    }

    // What the case that it wrote shows on a stage is what it said.
    void run_case(const std::string& file) const {
        EXPECT_EQ(run_tool({"check", file}).status, 0);
        const ToolRun ran = run_tool({"run", "--kernel", "host", file});
        EXPECT_EQ(ran.status, 0) << ran.output << ran.error;
        EXPECT_THAT(ran.output, HasSubstr(" 0 failed, 0 skipped"));
    }

    TemporaryFolder folder_;
    FileDescriptor listener_;
    FileDescriptor accepted_;
    FileDescriptor client_;
    uint16_t port_ = 0;

  private:
    void set(int option, bool value) {
        const int number = value ? 1 : 0;
        check_system(setsockopt(listener_.get(), SOL_SOCKET, option, &number, sizeof number), "setsockopt", "");
    }
};

TEST_F(WhyBind, NamesTheListenerInTheWay) {
    listen_here(true);
    check_system(listen(listener_.get(), 8), "listen", "");
    const ToolRun said = why({here(), "--reuseaddr", "--case", folder_ / "listen.yaml"});
    EXPECT_EQ(said.status, 1) << said.error;
    EXPECT_THAT(said.output, HasSubstr("bind(" + here() + ") would fail: EADDRINUSE (Address already in use)\n"));
    EXPECT_THAT(said.output, HasSubstr("in the way\n  LISTEN       " + here() + "\n"));
    EXPECT_THAT(said.output, HasSubstr("(pid " + std::to_string(getpid()) + ", descriptor " +
                                       std::to_string(listener_.get()) + ")"));
    EXPECT_THAT(said.output, HasSubstr("SO_REUSEADDR on, SO_REUSEPORT off"));
    EXPECT_THAT(said.output,
                HasSubstr("what would have helped\n  SO_REUSEPORT on this socket and on what is in the way\n"));
    run_case(folder_ / "listen.yaml");
}

TEST_F(WhyBind, SaysThatItWouldWork) {
    listen_here(false);
    listener_.reset();
    const ToolRun said = why({here(), "--case", folder_ / "free.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("would work"));
    EXPECT_THAT(said.output, HasSubstr("no bind() was made"));
    run_case(folder_ / "free.yaml");
}

TEST_F(WhyBind, TellsHowLongTimeWaitStays) {
    listen_here(false);
    leave_connection(true);
    const ToolRun said = why({here(), "--reuseaddr", "--case", folder_ / "tw.yaml"});
    if (geteuid() == 0 && said.status == 1) {
        EXPECT_THAT(said.output, HasSubstr("It has no SO_REUSEADDR; that takes both sockets"));
    } else {
        EXPECT_EQ(said.status, 4) << said.output << said.error;
    }
    EXPECT_THAT(said.output, testing::ContainsRegex("TIME_WAIT +127.0.0.1:[0-9]+ to 127.0.0.1:[0-9]+"));
    EXPECT_THAT(said.output,
                testing::ContainsRegex("no process: the kernel keeps it for another (5[5-9]|6[01])\\.[0-9] s of 60"));
    EXPECT_THAT(said.output, HasSubstr("or waiting: "));
    run_case(folder_ / "tw.yaml");
}

TEST_F(WhyBind, AnOrdinaryUserIsToldWhatItDependsOn) {
    if (geteuid() != 0) GTEST_SKIP() << "needs a second user";
    listen_here(true);
    leave_connection(true);
    const ToolRun said = why({here(), "--reuseaddr", "--case", folder_ / "depends.yaml"}, kNobody);
    EXPECT_EQ(said.status, 4) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("that depends on what cannot be seen"));
    EXPECT_THAT(said.output, HasSubstr("perhaps in the way"));
    EXPECT_THAT(said.output, HasSubstr("depends on its SO_REUSEADDR, which could not be seen"));
    EXPECT_THAT(said.output, HasSubstr("not seen: the files of "));
    EXPECT_THAT(read_file(folder_ / "depends.yaml"),
                HasSubstr("- {reuseaddr: 0, outcome: EADDRINUSE}\n  - {reuseaddr: 1, outcome: 0}"));
    run_case(folder_ / "depends.yaml");
    // Without SO_REUSEADDR on the new socket nothing is open.
    EXPECT_EQ(why({here()}, kNobody).status, 1);
}

TEST_F(WhyBind, AnIdleSocketMayListenFirst) {
    listen_here(true);
    const ToolRun said = why({here(), "--reuseaddr", "--case", folder_ / "idle.yaml"});
    EXPECT_EQ(said.status, 0) << said.output << said.error;
    EXPECT_THAT(in_one_line(said.output), HasSubstr("whoever calls listen() first gets the port"));
    run_case(folder_ / "idle.yaml");
}

TEST_F(WhyBind, AnEstablishedConnectionKeepsThePort) {
    listen_here(false);
    leave_connection(false);
    const ToolRun said = why({"[::]:" + std::to_string(port_), "--case", folder_ / "established.yaml"});
    EXPECT_EQ(said.status, 1) << said.output << said.error;
    EXPECT_THAT(said.output, HasSubstr("ESTABLISHED  " + here() + " to "));
    EXPECT_THAT(said.output, HasSubstr("  IPV6_V6ONLY on this socket\n"));
    run_case(folder_ / "established.yaml");
}

TEST_F(WhyBind, RefusalsThatNoSocketCauses) {
    const ToolRun foreign = why({"203.0.113.7:7000", "--case", folder_ / "foreign.yaml"});
    EXPECT_EQ(foreign.status, 1);
    EXPECT_THAT(foreign.output, HasSubstr("EADDRNOTAVAIL"));
    EXPECT_THAT(foreign.output, HasSubstr("203.0.113.7 is no address of this host"));
    run_case(folder_ / "foreign.yaml");
    const ToolRun scope = why({"[fe80::1]:7000", "--case", folder_ / "scope.yaml"});
    EXPECT_EQ(scope.status, 1);
    EXPECT_THAT(scope.output, HasSubstr("EINVAL"));
    run_case(folder_ / "scope.yaml");
    const ToolRun low = why({"127.0.0.1:81", "--user", "65534", "--case", folder_ / "low.yaml"});
    EXPECT_EQ(low.status, 1);
    EXPECT_THAT(low.output, HasSubstr("EACCES"));
    if (geteuid() == 0) run_case(folder_ / "low.yaml");
}

HeldSocket held_socket(const char* address, TcpState state, bool with_options) {
    HeldSocket held{.local = *SocketAddress::parse(address), .state = state, .user = 1000, .inode = 7};
    held.family = held.local.ip.family;
    held.mini_socket = state == TcpState::time_wait;
    if (held.mini_socket || state == TcpState::last_ack || state == TcpState::closing) held.inode = 0;
    if (state != TcpState::listen && state != TcpState::closed) held.remote = held.local;
    // Of an accepted socket whose listener had the wildcard address.
    held.options = {with_options, with_options, false};
    return held;
}

// A case for every state and family, each with its own expectation: what the rules say of it.
TEST_F(WhyBind, WritesCasesForEveryStateThatShowWhatTheRulesSay) {
    size_t written = 0;
    for (const TcpState state :
         {TcpState::listen, TcpState::established, TcpState::fin_wait_1, TcpState::fin_wait_2, TcpState::close_wait,
          TcpState::last_ack, TcpState::closing, TcpState::time_wait, TcpState::syn_sent, TcpState::closed}) {
        for (const char* old : {"10.0.0.5:7000", "[fd00::5]:7000", "[::ffff:10.0.0.5]:7000"}) {
            for (const char* address : {"0.0.0.0:7000", "[::]:7000", "10.0.0.5:7000", "[fd00::5]:7000"}) {
                const bool with_options = written % 2 == 0;
                const WantedBind wanted{
                    .address = *SocketAddress::parse(address), .reuse_address = with_options, .user = 1000};
                BindMachine machine{.sockets = {held_socket(old, state, with_options)}};
                if (machine.sockets.front().remote == std::nullopt && machine.sockets.front().family == Family::ipv6)
                    machine.sockets.front().options.v6_only = old[1] == 'f';
                const std::optional<std::string> text =
                    bind_case(wanted, machine, answer_bind(wanted, machine), "6.18");
                ASSERT_TRUE(text.has_value());
                write_file(folder_ / ("case" + std::to_string(written++) + ".yaml"), *text);
            }
        }
    }
    const ToolRun ran = run_tool({"run", "--kernel", "host", folder_.path()});
    EXPECT_EQ(ran.status, 0) << ran.output << ran.error;
    EXPECT_THAT(ran.output, HasSubstr(std::to_string(written) + " passed, 0 failed, 0 skipped"));
}

// Whichever it is, the case passes.
TEST_F(WhyBind, WritesACaseForAKernelThatMayOverlookASocket) {
    const WantedBind wanted{.address = *SocketAddress::parse("[::ffff:127.0.0.1]:7000")};
    BindMachine machine{.sockets = {held_socket("[::ffff:0.0.0.0]:7000", TcpState::listen, false)}};
    machine.may_overlook_mapped_wildcard = true;
    const std::optional<std::string> text = bind_case(wanted, machine, answer_bind(wanted, machine), "6.1");
    ASSERT_TRUE(text.has_value());
    EXPECT_THAT(*text, HasSubstr("bind(new, mapped(server):7000) = any\n"));
    write_file(folder_ / "overlooked.yaml", *text);
    run_case(folder_ / "overlooked.yaml");
}

TEST_F(WhyBind, SpeaksJson) {
    listen_here(true);
    check_system(listen(listener_.get(), 8), "listen", "");
    const json said = json::parse(why({here(), "--format", "json"}).output);
    EXPECT_EQ(said.at("would_work"), "no");
    EXPECT_EQ(said.at("error"), "EADDRINUSE");
    EXPECT_EQ(said.at("sockets").at(0).at("state"), "LISTEN");
    EXPECT_EQ(said.at("sockets").at(0).at("owners").at(0).at("pid"), getpid());
}

TEST_F(WhyBind, RefusesWhatIsNoAddress) {
    for (const char* wrong : {"", "nonsense", "127.0.0.1", "127.0.0.1:x", "1.2.3:80", ":70000", "::1:80"}) {
        const ToolRun said = why({wrong});
        EXPECT_EQ(said.status, 2) << wrong << said.output;
        EXPECT_THAT(said.error, HasSubstr("ADDRESS:PORT"));
    }
    EXPECT_EQ(why({":80", "--v6only"}).status, 2);
    EXPECT_EQ(why({":80", "--user", "no such user"}).status, 2);
    EXPECT_EQ(why({":80", "--netns", "/nowhere"}).status, 3);
}

}  // namespace
}  // namespace tcpwitness::test
