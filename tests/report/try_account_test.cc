#include "report/try_account.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.hh"
#include "report/try_connections.hh"
#include "report/try_learning.hh"
#include "told_run.hh"

namespace tcpwitness {
namespace {

using testing::HasSubstr;
using testing::Not;

TryWishes wishes() {
    return {.server = {.name = "httpd", .words = {"httpd"}}, .restart = "SIGTERM", .server_address = "10.0.2.2"};
}

class ToldTry {
  public:
    ToldTry() {
        run_.event(ProgramStarted{"httpd", 0, "httpd"});
        run_.step("httpd: start", StartStep{"httpd"}).done();
        listener_ = run_.socket("server", "", "0.0.0.0:7000");
        run_.state(listener_, TcpState::listen);
        client_ = run_.socket("client", "c", run_.client_address, run_.server_address);
        server_ = run_.socket("server", "", run_.server_address, run_.client_address);
    }

    ToldTry& opens() {
        run_.state(client_, TcpState::syn_sent).segment(true, kSyn, 0, 0);
        run_.segment(false, kSyn | kAck, 0, 1).state(client_, TcpState::established);
        run_.segment(true, kAck, 1, 1).state(server_, TcpState::established);
        return *this;
    }

    ToldTry& server_closes() {
        run_.state(listener_, TcpState::closed).state(server_, TcpState::fin_wait_1).segment(false, kFin | kAck, 1, 1);
        run_.segment(true, kFin | kAck, 1, 2).state(server_, TcpState::time_wait).state(client_, TcpState::closed);
        run_.timeline.sockets_left.push_back({"server", TcpState::time_wait, *SocketAddress::parse(run_.server_address),
                                              SocketAddress::parse(run_.client_address)});
        return *this;
    }

    ToldTry& starts_again() {
        run_.event(ProgramExited{.program = "httpd", .signal = 15}).after(1000);
        run_.event(ProgramStarted{"httpd", 1, "httpd"});
        run_.step("await: server :7000 LISTEN",
                  AwaitStep{StateCondition{{.host = "server", .port = 7000}, TcpState::listen}});
        return *this;
    }

    ToldTry& fails_to_bind() {
        run_.after(1000).event(ProgramOutput{"httpd", true, "bind: Address already in use\n"});
        run_.event(ProgramExited{.program = "httpd", .exit_status = 1}).done(StepOutcome::timed_out, "no socket");
        return *this;
    }

    ToldTry& listens() {
        const int again = run_.socket("server", "", "0.0.0.0:7000");
        run_.after(2000).state(again, TcpState::listen).done();
        return *this;
    }

    Record record() {
        run_.end();
        return record_of(run_, Outcome::pass);
    }

    ToldRun run_;
    int listener_ = 0, client_ = 0, server_ = 0;
};

std::string account(const Record& record, TryRestart restart, int width = 100) {
    const TryLearnt learnt{.port = 7000, .restart = restart};
    const TryWishes asked = wishes();
    return try_account(asked, learnt, observe(asked, learnt, record), record, {.width = width});
}

TEST(TryConnections, WhoClosedFirst) {
    const Record record = ToldTry().opens().server_closes().record();
    const std::vector<TryConnection> all = try_connections(record.timeline);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(closing_words(all[0]), "the server closed first");
    EXPECT_TRUE(all[0].second_fin);
    EXPECT_EQ(all[0].server_state, TcpState::time_wait);
    EXPECT_EQ(all[0].client_state, TcpState::closed);
    EXPECT_EQ(closing_words(try_connections(four_way_close().timeline).at(0)), "the client closed first");
    EXPECT_EQ(closing_words(try_connections(bad_line().timeline).at(0)), "both ends closed at once");
}

TEST(TryConnections, ResetsAndRefusals) {
    ToldTry reset;
    reset.opens().run_.segment(false, kRst | kAck, 1, 1);
    EXPECT_EQ(closing_words(try_connections(reset.record().timeline).at(0)), "the server reset it");
    ToldTry refused;
    refused.run_.segment(true, kSyn, 0, 0).segment(false, kRst | kAck, 0, 1);
    EXPECT_EQ(closing_words(try_connections(refused.record().timeline).at(0)), "the server refused it");
    EXPECT_EQ(closing_words(try_connections(ToldTry().opens().record().timeline).at(0)), "nobody closed it");
}

TEST(TryAccount, ARestartThatCouldNotBindIsExplained) {
    const Record record = ToldTry().opens().server_closes().starts_again().fails_to_bind().record();
    const std::string text = account(record, TryRestart::ends);
    EXPECT_THAT(text, HasSubstr("  the server closed first: client CLOSED, server TIME_WAIT\n"));
    EXPECT_THAT(text, HasSubstr("  client    none\n  server    1 socket: 10.0.2.2:7000 to 10.0.1.1:40112\n"));
    EXPECT_THAT(text, HasSubstr("httpd did not listen again: EADDRINUSE (Address already in use); httpd exited 1\n"));
    EXPECT_THAT(text, HasSubstr("    bind: Address already in use\n"));
    EXPECT_THAT(text, HasSubstr("httpd does not set SO_REUSEADDR"));
}

TEST(TryAccount, ARestartThatCouldBindSaysWhatThatShows) {
    const std::string waits =
        account(ToldTry().opens().server_closes().starts_again().listens().record(), TryRestart::listens);
    EXPECT_THAT(waits, HasSubstr("on port 7000 then: 1 TIME_WAIT\n  httpd could bind and listened again after 2ms.\n"));
    EXPECT_THAT(waits, HasSubstr("only with SO_REUSEADDR (or SO_REUSEPORT)"));
    const std::string free = account(ToldTry().starts_again().listens().record(), TryRestart::listens);
    EXPECT_THAT(free, HasSubstr("nobody: there was no connection"));
    EXPECT_THAT(free, HasSubstr("Nothing was in its way"));
}

TEST(TryAccount, KeepsToTheWidth) {
    const std::string text =
        account(ToldTry().opens().server_closes().starts_again().fails_to_bind().record(), TryRestart::ends, 60);
    for (const std::string& line : split_lines(text)) EXPECT_LE(display_width(line), 60) << line;
}

TEST(TryLearning, ARestartThatEndsIsToldAnew) {
    const Record record = ToldTry().opens().server_closes().starts_again().fails_to_bind().record();
    TryLearnt learnt{.port = 7000};
    EXPECT_EQ(learn_story(wishes(), record, learnt).kind, TryLesson::Kind::again);
    EXPECT_EQ(learnt.restart, TryRestart::ends);
    const TryObserved observed = observe(wishes(), learnt, record);
    EXPECT_EQ(observed.server_end, "SIGTERM");
    EXPECT_EQ(observed.second_end, "1");
    EXPECT_TRUE(observed.time_wait_before_restart);
    EXPECT_THAT(observed.wire, testing::ElementsAre("server > client: FIN ACK", "client > server: FIN ACK"));
    EXPECT_EQ(observed.sockets.at("server"), "{TIME_WAIT: 1}");
    EXPECT_EQ(observed.sockets.at("client"), "none");
}

TEST(TryLearning, ThePortIsWhereTheServerListens) {
    TryLearnt learnt;
    EXPECT_EQ(learn_port(wishes(), ToldTry().record(), 0, learnt).kind, TryLesson::Kind::through);
    EXPECT_EQ(learnt.port, 7000);
    TryLearnt other;
    EXPECT_EQ(learn_port(wishes(), ToldTry().record(), 80, other).trouble,
              "httpd does not listen on port 80 but on 0.0.0.0:7000");
    ToldTry local;
    local.run_.timeline.sockets.at(0).local = *SocketAddress::parse("127.0.0.1:7000");
    EXPECT_THAT(learn_port(wishes(), local.record(), 0, other).trouble, HasSubstr("listens only on 127.0.0.1:7000"));
}

TEST(TryLearning, WhatDoesNotRepeatIsNotExpected) {
    const TryObserved first{.closing = "the server closed first",
                            .server_end = "0",
                            .sockets = {{"client", "none"}},
                            .wire = {"server > client: FIN ACK"}};
    TryObserved weaker = first;
    TryObserved other = first;
    other.server_end = "1";
    weaken(weaker, other);
    EXPECT_EQ(weaker.server_end, "");
    EXPECT_FALSE(weaker.sockets.empty());
    other = {.closing = "both ends closed at once"};
    weaken(weaker, other);
    EXPECT_TRUE(weaker.sockets.empty() && weaker.wire.empty());
    EXPECT_EQ(weaker.closing, "the server closed first, or both ends closed at once");
}

}  // namespace
}  // namespace tcpwitness
