// After each step of real connections the states that the observers tell are those of a fresh dump by sock_diag.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <set>

#include "observed_stage.hh"

namespace tcpwitness {
namespace {

class TruthTest : public KernelTest, public ::testing::WithParamInterface<Family> {
  protected:
    using Told = std::multiset<std::string>;

    static std::string line(const std::string& host, TcpState state, const SocketAddress& local,
                            const std::optional<SocketAddress>& remote) {
        return host + " " + std::string(to_string(state)) + " " + to_string(local) + (remote ? " > " + to_string(*remote) : "");
    }

    // Sockets that are in no table: closed ones, and those without an address.
    Told tracked() {
        Told told;
        for (const Socket& socket : stage_.observers->sockets()) {
            TcpState state = TcpState::closed;
            for (const Event& event : stage_.changes(socket.index)) state = std::get<StateChange>(event.body).to;
            if (state != TcpState::closed) told.insert(line(socket.host, state, socket.local, socket.remote));
        }
        return told;
    }

    Told dumped() {
        Told told;
        for (const SocketLeft& left : stage_.observers->sockets_left()) {
            told.insert(line(left.host, left.state, left.local, left.remote));
        }
        return told;
    }

    // The kernel may be in the middle of a step; both tell the same in the end.
    void compare(const std::string& step) {
        Told one;
        Told other;
        const bool same = stage_.wait([&] {
            one = tracked();
            other = dumped();
            return one == other;
        });
        EXPECT_TRUE(same) << "after " << step << "\nobserved: " << ::testing::PrintToString(one)
                          << "\nsock_diag: " << ::testing::PrintToString(other);
    }

    ObservedStage stage_;
};

INSTANTIATE_TEST_SUITE_P(Families, TruthTest, ::testing::Values(Family::ipv4, Family::ipv6));

TEST_P(TruthTest, EveryStepOfManyConnections) {
    if (!stage_.observers->observed().exact_states) GTEST_SKIP() << stage_.observers->tracer_refusal();
    const FileDescriptor l = stage_.listen("l", GetParam());
    compare("listen");
    std::vector<FileDescriptor> clients;
    std::vector<FileDescriptor> servers;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(stage_.socket("client", "c" + std::to_string(i), GetParam()));
        ASSERT_EQ(stage_.connect(clients.back(), GetParam()), 0);
        compare("connect");
        servers.push_back(stage_.accept(l, "s" + std::to_string(i)));
        compare("accept");
    }
    shutdown(clients[0].get(), SHUT_WR);
    compare("shutdown");
    servers[0].reset();
    compare("close of the other end");
    clients[0].reset();
    compare("close in TIME_WAIT");
    clients[1].reset();
    compare("close");
    servers[1].reset();
    compare("close of the other end");
    servers[2].reset();
    compare("close of the server first");
    clients[2].reset();
    compare("close of the client last");
    const linger reset{1, 0};
    setsockopt(clients[3].get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    clients[3].reset();
    compare("reset");
    ASSERT_EQ(send(clients[4].get(), "x", 1, 0), 1);
    ASSERT_TRUE(stage_.wait([&] { return stage_.observers->segments_in_flight() == 0; }));
    servers[4].reset();
    compare("close with unread data");
    clients[5].reset();
    servers[5].reset();
    compare("close of both");
}

}  // namespace
}  // namespace tcpwitness
