// The answer about a bind() against what bind() and listen() then do, over the whole table of claims.md: the old
// socket's state, the options of both, their addresses and families.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hh"
#include "bind/bind_answer.hh"
#include "bind_sockets.hh"
#include "live/bind_reader.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

WantedBind wanted_bind(const BoundTo& where, const Options& options, uint16_t port) {
    return {.address = {where.ip, port},
            .reuse_address = options.reuse_address,
            .reuse_port = options.reuse_port,
            .v6_only = where.v6_only,
            .user = geteuid(),
            .may_bind_any_port = true};
}

struct Done {
    int bind = 0;
    int listen = 0;
};

Done really(const BoundTo& where, const Options& options, uint16_t port) {
    const FileDescriptor socket = make_socket(where, options);
    Done done{.bind = try_bind(socket, where.ip, port)};
    if (done.bind == 0 && listen(socket.get(), 8) != 0) done.listen = errno;
    return done;
}

class BindTable : public KernelTest, public ::testing::WithParamInterface<TcpState> {
  protected:
    // Every new socket against an old one. Both are new each time, because a port remembers what was bound to it; what
    // is read of the first stands for the others, which differ in their ports only.
    void compare(const BoundTo& old_where, const Options& old_options) {
        std::optional<BindMachine> machine;
        for (const BoundTo& where : bound_addresses()) {
            for (const Options& options : kEveryOptions) {
                const uint16_t port = next_port_++;
                const OldSocket old = make_old_socket(GetParam(), old_where, old_options, port);
                const WantedBind wanted = wanted_bind(where, options, port);
                if (!machine) machine = read_bind_machine(wanted).machine;
                for (HeldSocket& socket : machine->sockets) socket.local.port = port;
                SCOPED_TRACE(old_where.name + to_string(old_options) + " | new " + where.name + to_string(options));
                const bool may_be_overlooked =
                    machine->may_overlook_mapped_wildcard && is_overlooked_pair(wanted, machine->sockets.front());
                judge(answer_bind(wanted, *machine), really(where, options, port), may_be_overlooked);
            }
        }
    }

    void judge(const BindAnswer& answer, const Done& done, bool may_be_overlooked) {
        ++compared_;
        ASSERT_EQ(answer.conflicts.size(), 1U);  // the old socket, and nothing else, was seen
        if (answer.works == Certainty::depends) {
            EXPECT_EQ(answer.conflicts.front().depends_on.empty(), may_be_overlooked);
            if (!may_be_overlooked) {
                // What no process has any more, nobody but root can be told of.
                EXPECT_EQ(GetParam(), TcpState::time_wait);
                EXPECT_FALSE(reads_kernel_);
            }
            EXPECT_TRUE(done.bind == 0 || done.bind == answer.error) << errno_name(done.bind);
            return;
        }
        EXPECT_EQ(done.bind, answer.works == Certainty::yes ? 0 : answer.error) << errno_name(done.bind);
        // An idle socket is a rival only because the other may listen first; here nobody does.
        EXPECT_EQ(done.listen, 0) << errno_name(done.listen);
    }

    size_t compared_ = 0;

  private:
    static bool reads_kernel() {
        const WantedBind wanted{.address = *SocketAddress::parse("127.0.0.1:1999")};
        return read_bind_machine(wanted).sight.options_refused.empty();
    }

    uint16_t next_port_ = 2000;
    bool reads_kernel_ = reads_kernel();
};

TEST_P(BindTable, IsWhatTheKernelDoes) {
    const LoopbackHost host;
    for (const BoundTo& where : bound_addresses()) {
        for (const Options& options : kEveryOptions) compare(where, options);
    }
    EXPECT_EQ(compared_, 1600U);
}

INSTANTIATE_TEST_SUITE_P(EveryState, BindTable, ::testing::ValuesIn(kOldStates),
                         [](const auto& tested) { return std::string(to_string(tested.param)); });

}  // namespace
}  // namespace tcpwitness
