#include "page/state_arcs.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sample_records.hh"

namespace tcpwitness {
namespace {

using enum TcpState;

TEST(StateArcs, TheFigureHasTwentyOneArcsAndNoneTwice) {
    std::set<std::pair<TcpState, TcpState>> seen;
    for (const StateArc& arc : state_arcs())
        EXPECT_TRUE(seen.insert({arc.from, arc.to}).second) << to_string(arc.from) << " " << to_string(arc.to);
    const auto in_figure = [](const StateArc& arc) { return arc.kind == ArcKind::figure; };
    EXPECT_EQ(std::count_if(state_arcs().begin(), state_arcs().end(), in_figure), 21);
}

TEST(StateArcs, EveryStateCanBeEnteredAndLeft) {
    for (const TcpState state : {closed, listen, syn_sent, syn_rcvd, established, fin_wait_1, fin_wait_2, close_wait,
                                 closing, last_ack, time_wait}) {
        const auto from = [state](const StateArc& arc) { return arc.from == state; };
        const auto to = [state](const StateArc& arc) { return arc.to == state; };
        EXPECT_TRUE(std::any_of(state_arcs().begin(), state_arcs().end(), from)) << to_string(state);
        EXPECT_TRUE(std::any_of(state_arcs().begin(), state_arcs().end(), to)) << to_string(state);
    }
}

TEST(ArcsTaken, AreTheChangesOfTheStory) {
    const ToldRun story = four_way_close();
    std::vector<std::pair<TcpState, TcpState>> client;
    for (const ArcTaken& arc : arcs_taken(story.timeline)) {
        if (arc.host == "client") client.emplace_back(arc.from, arc.to);
    }
    const std::vector<std::pair<TcpState, TcpState>> expected{{closed, syn_sent},        {syn_sent, established},
                                                              {established, fin_wait_1}, {fin_wait_1, fin_wait_2},
                                                              {fin_wait_2, time_wait},   {time_wait, closed}};
    EXPECT_EQ(client, expected);
}

TEST(ArcsTaken, AfterTheEndOfTheStoryNothingCounts) {
    ToldRun story = four_way_close();
    const size_t before = arcs_taken(story.timeline).size();
    story.after(10).state(0, closed);
    EXPECT_EQ(arcs_taken(story.timeline).size(), before);
}

TEST(ArcsTaken, TellWhatWasInferred) {
    const std::vector<ArcTaken> arcs = arcs_taken(bad_line().timeline);
    EXPECT_TRUE(
        std::any_of(arcs.begin(), arcs.end(), [](const ArcTaken& arc) { return arc.inferred && arc.to == syn_rcvd; }));
}

}  // namespace
}  // namespace tcpwitness
