// tcpwitness why-bind asked from another network namespace, by --netns and by --pid, against what bind() then does
// inside. A part of the table: every state and address of the old socket, with everything else changing from row to
// row.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <tuple>

#include "base/error.hh"
#include "bind/bind_rules.hh"
#include "bind_sockets.hh"
#include "live/bind_reader.hh"
#include "stage.hh"

namespace tcpwitness {
namespace {

constexpr int kWorks = 0;
constexpr int kFails = 1;
constexpr int kDepends = 4;

struct Row {
    TcpState state = TcpState::closed;
    BoundTo old_where;
    Options old_options;
    BoundTo where;
    Options options;
    uint16_t port = 0;
};

std::vector<Row> telling_rows(TcpState state) {
    const std::vector<BoundTo>& addresses = bound_addresses();
    std::vector<Row> rows;
    for (size_t index = 0; index < addresses.size(); ++index) {
        const size_t row = static_cast<size_t>(state) * addresses.size() + index;
        rows.push_back({state, addresses[index], kEveryOptions[row % 4], addresses[(index + row / 7) % 10],
                        kEveryOptions[(row + row / 4) % 4], static_cast<uint16_t>(3000 + row)});
    }
    return rows;
}

std::string address_text(const BoundTo& where, uint16_t port) {
    return to_string(SocketAddress{where.ip, port});
}

// Where the question is asked: something idle is on the port there, and nothing of what the answer is about.
class Elsewhere {
  public:
    explicit Elsewhere(uint16_t port) {
        const NamespaceGuard there(network_);
        idle_ = make_socket(bound_addresses()[3], {});
        check_system(try_bind(idle_, *IpAddress::parse("::"), port) == 0 ? 0 : -1, "bind", "elsewhere");
    }

    int ask(std::vector<std::string> words) const {
        const pid_t child = check_system(fork(), "fork", "tcpwitness");
        if (child == 0) {
            std::vector<char*> arguments;
            for (std::string& word : words) arguments.push_back(word.data());
            arguments.push_back(nullptr);
            const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
            dup2(nowhere, STDOUT_FILENO);
            if (setns(network_.descriptor(), CLONE_NEWNET) == 0) execv(words.front().c_str(), arguments.data());
            _exit(127);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    NetworkNamespace network_{"elsewhere"};
    FileDescriptor idle_;
};

class BindOutside : public KernelTest, public ::testing::WithParamInterface<std::tuple<const char*, TcpState>> {
  protected:
    static int ask(const Row& row) {
        const std::string process = std::to_string(getpid());
        const bool by_process = std::string(std::get<0>(GetParam())) == "pid";
        std::vector<std::string> words{WHY_BIND_TOOL, "why-bind", address_text(row.where, row.port),
                                       by_process ? "--pid" : "--netns",
                                       by_process ? process : "/proc/" + process + "/ns/net"};
        if (row.options.reuse_address) words.emplace_back("--reuseaddr");
        if (row.options.reuse_port) words.emplace_back("--reuseport");
        if (row.where.v6_only) words.emplace_back("--v6only");
        return Elsewhere(row.port).ask(std::move(words));
    }

    // What this user, or this kernel, leaves open.
    static bool may_depend(const Row& row) {
        const WantedBind wanted{.address = {row.where.ip, row.port}};
        const BindReading here = read_bind_machine(wanted);
        const bool overlooked =
            here.machine.may_overlook_mapped_wildcard && is_overlooked_pair(wanted, here.machine.sockets.front());
        return overlooked || (row.state == TcpState::time_wait && !here.sight.options_refused.empty());
    }
};

TEST_P(BindOutside, IsWhatTheKernelDoesInside) {
    const LoopbackHost host;
    std::map<int, int> answers;
    for (const Row& row : telling_rows(std::get<1>(GetParam()))) {
        SCOPED_TRACE(row.old_where.name + to_string(row.old_options) + " | new " + row.where.name +
                     to_string(row.options));
        const OldSocket old = make_old_socket(row.state, row.old_where, row.old_options, row.port);
        const int answer = ask(row);
        ++answers[answer];
        if (answer == kDepends) {
            EXPECT_TRUE(may_depend(row));
            continue;
        }
        const FileDescriptor socket = make_socket(row.where, row.options);
        EXPECT_EQ(answer, try_bind(socket, row.where.ip, row.port) == 0 ? kWorks : kFails);
    }
    EXPECT_GT(answers[kWorks], 0);
    EXPECT_GT(answers[kFails], 0);
}

INSTANTIATE_TEST_SUITE_P(EveryWay, BindOutside,
                         ::testing::Combine(::testing::Values("netns", "pid"), ::testing::ValuesIn(kOldStates)),
                         [](const auto& tested) {
                             return std::get<0>(tested.param) + std::string("_") +
                                    std::string(to_string(std::get<1>(tested.param)));
                         });

}  // namespace
}  // namespace tcpwitness
