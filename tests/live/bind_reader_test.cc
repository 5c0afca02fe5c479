// What is read of a machine beyond the table: owners, times, users, privileges, addresses; each against bind() itself.
#include "live/bind_reader.hh"

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/error.hh"
#include "bind/bind_answer.hh"
#include "bind_sockets.hh"
#include "live/caller.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

constexpr uint16_t kPort = 7000;
constexpr unsigned kNobody = 65534;

using BindReader = KernelTest;

WantedBind wanted_bind(const char* address) {
    const Caller caller = caller_of(getpid());
    return {
        .address = *SocketAddress::parse(address), .user = caller.user, .may_bind_any_port = caller.may_bind_any_port};
}

BindAnswer answer_for(const WantedBind& wanted) {
    return answer_bind(wanted, read_bind_machine(wanted).machine);
}

const BoundTo& bound_to(const std::string& name) {
    for (const BoundTo& where : bound_addresses()) {
        if (where.name == name) return where;
    }
    throw Error("no address " + name);
}

// What bind() says now to a plain socket.
int really(const WantedBind& wanted) {
    const FileDescriptor socket = make_socket({.family = wanted.address.ip.family, .v6_only = wanted.v6_only},
                                              {wanted.reuse_address, wanted.reuse_port});
    return try_bind(socket, wanted.address.ip, wanted.address.port);
}

void set_in_namespace(const std::string& key, const std::string& value) {
    std::ofstream("/proc/sys/net/" + key) << value << std::flush;
}

TEST_F(BindReader, NamesTheOwnerAndItsDescriptor) {
    const LoopbackHost host;
    const OldSocket old = make_old_socket(TcpState::listen, bound_to("127.0.0.1"), {}, kPort);
    const BindReading reading = read_bind_machine(wanted_bind("127.0.0.1:7000"));
    ASSERT_EQ(reading.machine.sockets.size(), 1U);
    const HeldSocket& held = reading.machine.sockets.front();
    ASSERT_EQ(held.owners.size(), 1U);
    EXPECT_EQ(held.owners.front().process, getpid());
    EXPECT_EQ(held.owners.front().descriptor, old.kept.front().get());
    EXPECT_EQ(held.owners.front().name, "test_live_kerne");  // comm has 15 characters
    EXPECT_EQ(held.user, geteuid());
}

TEST_F(BindReader, TellsTheTimeThatIsLeft) {
    const LoopbackHost host;
    const OldSocket old = make_old_socket(TcpState::time_wait, bound_to("127.0.0.1"), {}, kPort);
    const BindAnswer answer = answer_for(wanted_bind("127.0.0.1:7000"));
    EXPECT_EQ(answer.works, Certainty::no);
    ASSERT_TRUE(answer.wait.has_value());
    EXPECT_GT(*answer.wait, std::chrono::seconds(50));
    EXPECT_LE(*answer.wait, std::chrono::seconds(65));  // 60 s and what the timer wheel may add
}

TEST_F(BindReader, SeesASocketThatNobodyHasAcceptedYet) {
    const LoopbackHost host;
    OldSocket old = make_old_socket(TcpState::listen, bound_to("127.0.0.1"), {true, false}, kPort);
    const FileDescriptor client = make_socket(bound_to("127.0.0.1"), {});
    sockaddr_storage storage{};
    const socklen_t length = SocketAddress{bound_to("127.0.0.1").ip, kPort}.to_kernel(storage);
    ASSERT_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&storage), length), 0);
    const BindReading reading = read_bind_machine(wanted_bind("127.0.0.1:7000"));
    ASSERT_EQ(reading.machine.sockets.size(), 2U);
    for (const HeldSocket& held : reading.machine.sockets) {
        if (held.state == TcpState::listen) continue;
        EXPECT_EQ(held.state, TcpState::established);
        EXPECT_TRUE(held.owners.empty());
        EXPECT_EQ(held.inode, 0U);
        if (reading.sight.options_refused.empty())
            EXPECT_EQ(held.options.reuse_address, true);
        else
            EXPECT_EQ(held.options.reuse_address, std::nullopt);
    }
}

TEST_F(BindReader, KnowsUsersApart) {
    if (setfsuid(kNobody) != 0 || setfsuid(0) != static_cast<int>(kNobody)) GTEST_SKIP() << "only root has two users";
    const LoopbackHost host;
    setfsuid(kNobody);
    const OldSocket theirs = make_old_socket(TcpState::listen, bound_to("127.0.0.1"), {false, true}, kPort);
    setfsuid(0);
    const OldSocket ours = make_old_socket(TcpState::listen, bound_to("127.0.0.2"), {false, true}, kPort);
    WantedBind wanted = wanted_bind("127.0.0.1:7000");
    wanted.reuse_port = true;
    EXPECT_EQ(answer_for(wanted).works, Certainty::no);
    EXPECT_EQ(really(wanted), EADDRINUSE);
    wanted.address = *SocketAddress::parse("127.0.0.2:7000");
    EXPECT_EQ(answer_for(wanted).works, Certainty::yes);
    EXPECT_EQ(really(wanted), 0);
}

TEST_F(BindReader, KnowsWhichAddressesAreLocal) {
    const LoopbackHost host;
    for (const char* address : {"127.9.9.9:7000", "10.9.9.9:7000", "[fd00::1]:7000", "[fd00::2]:7000", "0.0.0.0:7000",
                                "[::ffff:127.0.0.1]:7000", "[::ffff:10.9.9.9]:7000", "224.0.0.1:7000", "[ff02::1]:7000",
                                "255.255.255.255:7000", "127.255.255.255:7000"}) {
        SCOPED_TRACE(address);
        const WantedBind wanted = wanted_bind(address);
        EXPECT_EQ(answer_for(wanted).error, really(wanted));
    }
    set_in_namespace("ipv4/ip_nonlocal_bind", "1");
    EXPECT_EQ(answer_for(wanted_bind("10.9.9.9:7000")).works, Certainty::yes);
    EXPECT_EQ(really(wanted_bind("10.9.9.9:7000")), 0);
}

TEST_F(BindReader, KnowsPrivilegedPorts) {
    const LoopbackHost host;
    EXPECT_EQ(answer_for(wanted_bind("127.0.0.1:80")).error, 0);  // root of this namespace
    EXPECT_EQ(really(wanted_bind("127.0.0.1:80")), 0);
    WantedBind wanted = wanted_bind("127.0.0.1:80");
    wanted.may_bind_any_port = caller_with_user(kNobody).may_bind_any_port;
    EXPECT_EQ(answer_for(wanted).error, EACCES);
    set_in_namespace("ipv4/ip_unprivileged_port_start", "80");
    EXPECT_EQ(answer_for(wanted).error, 0);
    set_in_namespace("ipv4/ip_unprivileged_port_start", "81");
    const pid_t child = fork();
    if (child == 0) {
        if (setresuid(kNobody, kNobody, kNobody) != 0) _exit(0);  // in a user namespace with one user
        _exit(really(wanted) == EACCES ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST_F(BindReader, ChangesNothing) {
    const LoopbackHost host;
    const OldSocket old = make_old_socket(TcpState::listen, bound_to("127.0.0.1"), {}, kPort);
    const BindReading first = read_bind_machine(wanted_bind("127.0.0.1:7000"));
    const BindReading second = read_bind_machine(wanted_bind("127.0.0.1:7000"));
    ASSERT_EQ(second.machine.sockets.size(), first.machine.sockets.size());
    EXPECT_EQ(second.machine.sockets.front().cookie, first.machine.sockets.front().cookie);
    EXPECT_EQ(really(wanted_bind("127.0.0.1:7001")), 0);
    EXPECT_TRUE(read_bind_machine(wanted_bind("127.0.0.1:7001")).machine.sockets.empty());
}

}  // namespace
}  // namespace tcpwitness
