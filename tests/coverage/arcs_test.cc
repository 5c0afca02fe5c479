// Which arcs a run took, and what made each change.
#include "coverage/arcs.hh"

#include <gtest/gtest.h>

#include <algorithm>

#include "observed_run.hh"

namespace tcpwitness {
namespace {

using namespace tcpwitness::testing;

bool shows(const Record& record, const std::string& id) {
    const auto found = std::find_if(arcs().begin(), arcs().end(), [&id](const Arc& arc) { return arc.id == id; });
    if (found == arcs().end()) {
        ADD_FAILURE() << "no arc " << id;
        return false;
    }
    return found->shown(RunView(record));
}

TEST(Arcs, TheHandshake) {
    ObservedRun run;
    const Record record = run.open().finish();
    for (const char* id : {"CLOSED -> LISTEN", "CLOSED -> SYN_SENT", "LISTEN -> SYN_RCVD", "SYN_SENT -> ESTABLISHED",
                           "SYN_RCVD -> ESTABLISHED"})
        EXPECT_TRUE(shows(record, id)) << id;
    EXPECT_FALSE(shows(record, "ESTABLISHED -> FIN_WAIT_1"));
}

TEST(Arcs, AnInferredStateIsNotAnArc) {
    ObservedRun run;
    run.open()
        .builder.state(run.client, TcpState::fin_wait_1)
        .state(run.client, TcpState::closing, Source::inferred)
        .state(run.client, TcpState::time_wait);
    const Record record = run.finish();
    EXPECT_TRUE(shows(record, "ESTABLISHED -> FIN_WAIT_1"));
    EXPECT_FALSE(shows(record, "FIN_WAIT_1 -> CLOSING"));
    EXPECT_FALSE(shows(record, "CLOSING -> TIME_WAIT"));
}

TEST(Arcs, AResetIsToldFromATimeOutAndFromACall) {
    ObservedRun by_reset;
    by_reset.open().builder.segment("server", tcp_flag::kRst, 1, 0);
    EXPECT_TRUE(shows(by_reset.change(by_reset.client, TcpState::closed).finish(), "ESTABLISHED -> CLOSED by a reset"));

    ObservedRun by_time_out;
    by_time_out.open().builder.lost("client", tcp_flag::kAck, 1, 1, 100);
    by_time_out.quiet().builder.state(by_time_out.client, TcpState::closed);
    const Record timed_out = by_time_out.finish();
    EXPECT_TRUE(shows(timed_out, "ESTABLISHED -> CLOSED by retransmission time-out"));
    EXPECT_FALSE(shows(timed_out, "ESTABLISHED -> CLOSED by a reset"));
    EXPECT_FALSE(shows(timed_out, "ESTABLISHED -> CLOSED by keepalive"));

    ObservedRun by_call;
    by_call.open().call("close", 0, 0, [&] { by_call.builder.state(by_call.client, TcpState::closed); });
    const Record closed = by_call.finish();
    EXPECT_FALSE(shows(closed, "ESTABLISHED -> CLOSED by a reset"));
    EXPECT_FALSE(shows(closed, "ESTABLISHED -> CLOSED by retransmission time-out"));
}

TEST(Arcs, AConnectionThatNobodyAcceptedEndsByACallOfItsHost) {
    ObservedRun run;
    run.builder.timeline().sockets[static_cast<size_t>(run.client)].program.clear();
    run.open().call("close", 0, 0, [&] { run.builder.state(run.client, TcpState::closed); });
    EXPECT_FALSE(shows(run.finish(), "ESTABLISHED -> CLOSED by keepalive"));
}

TEST(Arcs, KeepaliveIsToldFromProbesOfAShutWindow) {
    ObservedRun alive;
    alive.open().builder.state(alive.client, TcpState::closed);
    EXPECT_TRUE(shows(alive.finish(), "ESTABLISHED -> CLOSED by keepalive"));
    EXPECT_FALSE(shows(alive.finish(), "ESTABLISHED -> CLOSED by zero-window probes"));

    ObservedRun shut;
    TcpSegment segment = segment_from("server", tcp_flag::kAck, 1, 1);
    segment.window = 0;
    shut.open().builder.arrived("client", segment);
    shut.quiet().builder.state(shut.client, TcpState::closed);
    EXPECT_TRUE(shows(shut.finish(), "ESTABLISHED -> CLOSED by zero-window probes"));
    EXPECT_FALSE(shows(shut.finish(), "ESTABLISHED -> CLOSED by keepalive"));
}

TEST(Arcs, StatesPassedByOneSegment) {
    ObservedRun run;
    run.open().builder.state(run.client, TcpState::fin_wait_1);
    run.quiet().builder.segment("server", tcp_flag::kFin | tcp_flag::kAck, 1, 2);
    run.change(run.client, TcpState::fin_wait_2).change(run.client, TcpState::time_wait);
    EXPECT_TRUE(shows(run.finish(), "FIN_WAIT_1 -> TIME_WAIT"));

    ObservedRun apart;
    apart.open().builder.state(apart.client, TcpState::fin_wait_1);
    apart.quiet().builder.segment("server", tcp_flag::kAck, 1, 2);
    apart.change(apart.client, TcpState::fin_wait_2)
        .quiet()
        .builder.segment("server", tcp_flag::kFin | tcp_flag::kAck, 1, 2);
    apart.change(apart.client, TcpState::time_wait);
    EXPECT_FALSE(shows(apart.finish(), "FIN_WAIT_1 -> TIME_WAIT"));
}

}  // namespace
}  // namespace tcpwitness
