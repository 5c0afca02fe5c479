// What a run shows of the table of states and events.
#include "coverage/event_table.hh"

#include <gtest/gtest.h>

#include <optional>

#include "observed_run.hh"

namespace tcpwitness {
namespace {

using namespace tcpwitness::testing;

// "answer, after" of the last entry of a cell; empty when there is none.
std::string cell(const Record& record, TcpState state, TableEvent event) {
    std::string found;
    for (const CellEntry& entry : cell_entries(RunView(record))) {
        if (entry.state == state && entry.event == event) found = entry.answer + ", " + entry.after;
    }
    return found;
}

TEST(EventTable, CallsWithTheirResultAndTheirOwnChange) {
    ObservedRun run;
    run.open().call("close", 0, 0, [&] { run.builder.state(run.client, TcpState::fin_wait_1); });
    const Record record = run.finish();
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::close), "= 0, FIN_WAIT_1");
    EXPECT_EQ(cell(record, TcpState::closed, TableEvent::connect), "= 0, SYN_SENT");
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::send), "");
}

TEST(EventTable, AFailedCallAndOneThatMovesBytes) {
    ObservedRun run;
    run.open().call("listen", -1, EINVAL).call("send", 10);
    const Record record = run.finish();
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::listen), "= EINVAL, ESTABLISHED");
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::send), "= bytes, ESTABLISHED");
}

TEST(EventTable, ASegmentWithWhatItDrew) {
    ObservedRun run;
    run.open().builder.segment("server", tcp_flag::kFin | tcp_flag::kAck, 1, 1);
    run.change(run.client, TcpState::close_wait).builder.segment("client", tcp_flag::kAck, 1, 2);
    EXPECT_EQ(cell(run.finish(), TcpState::established, TableEvent::fin), "ACK, CLOSE_WAIT");
}

TEST(EventTable, ASynMeetsTheListener) {
    ObservedRun run;
    EXPECT_EQ(cell(run.open().finish(), TcpState::listen, TableEvent::syn), "SYN ACK, LISTEN, a new SYN_RCVD");
}

TEST(EventTable, ResetsInsideAndOutsideOfTheWindow) {
    ObservedRun run;
    run.open().builder.forged("server", tcp_flag::kRst, 400, 0);
    run.quiet().builder.forged("server", tcp_flag::kRst, 100'000, 0);
    run.quiet();
    const Record record = run.finish();
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::reset_in), "nothing, ESTABLISHED");
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::reset_out), "nothing, ESTABLISHED");

    ObservedRun outside_only;
    outside_only.open().builder.forged("server", tcp_flag::kRst, 100'000, 0);
    EXPECT_EQ(cell(outside_only.finish(), TcpState::established, TableEvent::reset_in), "");
}

TEST(EventTable, OldDataIsNotData) {
    ObservedRun run;
    run.open().builder.segment("server", tcp_flag::kAck, 1, 1, 100).segment("client", tcp_flag::kAck, 1, 101);
    run.quiet().builder.forged("server", tcp_flag::kAck, 1, 1, 100);
    run.builder.segment("client", tcp_flag::kAck, 1, 101);
    const Record record = run.finish();
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::data), "ACK, ESTABLISHED");
    EXPECT_EQ(cell(record, TcpState::established, TableEvent::old_duplicate), "ACK, ESTABLISHED");
}

TEST(EventTable, TimeOuts) {
    ObservedRun run;
    run.open().builder.state(run.client, TcpState::fin_wait_1);
    run.quiet().builder.state(run.client, TcpState::closed);
    EXPECT_EQ(cell(run.finish(), TcpState::fin_wait_1, TableEvent::time_out), ", CLOSED");
}

TEST(EventTable, CellsThatCannotBeHaveAReason) {
    EXPECT_FALSE(why_impossible(TcpState::listen, TableEvent::time_out).empty());
    EXPECT_TRUE(why_impossible(TcpState::time_wait, TableEvent::time_out).empty());
}

}  // namespace
}  // namespace tcpwitness
