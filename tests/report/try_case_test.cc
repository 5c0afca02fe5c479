#include "report/try_case.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "case/case_parser.hh"

namespace tcpwitness {
namespace {

using testing::HasSubstr;
using testing::Not;

TryWishes nginx_wishes() {
    return {.server = {.name = "nginx", .words = {"nginx", "-g", "daemon off;"}},
            .client = TryProgram{.name = "curl", .words = {"curl", "-s", "http://{server}:{port}/$x"}},
            .server_address = "10.0.2.2"};
}

// What is written down is a case: it reads without a mistake.
void expect_case(const std::string& text) {
    Diagnostics diagnostics;
    EXPECT_TRUE(parse_case(text, "try.yaml", diagnostics).has_value());
    EXPECT_TRUE(diagnostics.empty()) << diagnostics.to_text() << text;
}

TEST(TryCase, FindsThePortFirst) {
    const std::string text = try_case(nginx_wishes(), {}, nullptr);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("  - nginx: start\n  - await: server :* LISTEN within 2s\n"));
    EXPECT_THAT(try_case(nginx_wishes(), {.slow = true}, nullptr), HasSubstr("server :* LISTEN within 20s\n"));
    EXPECT_THAT(text, Not(HasSubstr("curl:")));
}

TEST(TryCase, TellsTheClientWhereTheServerIs) {
    const std::string text = try_case(nginx_wishes(), {.port = 8080}, nullptr);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("    run: [nginx, -g, \"daemon off;\"]\n"));
    EXPECT_THAT(text, HasSubstr("    run: [curl, -s, \"http://10.0.2.2:8080/$$x\"]\n"));
    EXPECT_THAT(text, HasSubstr("  - curl: start\n  - await: curl exit within 30s\n"));
    EXPECT_THAT(text, Not(HasSubstr("expect:")));
}

TEST(TryCase, WordsStayWhatTheyAre) {
    TryWishes odd = nginx_wishes();
    odd.server.words = {"prog", "", "no", "8080", "a\"b\\c", "key: value # no", "[x]", "-", "two\nlines"};
    Diagnostics diagnostics;
    const std::optional<Case> read = parse_case(try_case(odd, {.port = 1}, nullptr), "try.yaml", diagnostics);
    ASSERT_TRUE(read.has_value()) << diagnostics.to_text();
    EXPECT_EQ(read->stories.front().programs.at(2).command, odd.server.words);
}

TEST(TryCase, TheBuiltInClientStaysConnectedForARestart) {
    TryWishes restarted = nginx_wishes();
    restarted.client.reset();
    restarted.restart = "SIGTERM";
    const std::string text = try_case(restarted, {.port = 80}, nullptr);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("  - nginx: kill(SIGTERM)\n  - client: recv(c, all) = any\n  - client: close(c)\n"
                                "  - await: nginx exit within 10s\n"));
    EXPECT_THAT(text, HasSubstr("  - nginx: start\n  - await: server :80 LISTEN within 2s\n"));
    const std::string keeps = try_case(restarted, {.port = 80, .keeps_connection = true}, nullptr);
    expect_case(keeps);
    EXPECT_THAT(keeps, HasSubstr("  - nginx: kill(SIGTERM)\n  - await: nginx exit within 10s\n"));
    EXPECT_THAT(keeps, HasSubstr("  - await: server :80 LISTEN within 2s\n  - client: close(c)\n"));
    const std::string awaits =
        try_case(restarted, {.port = 80, .keeps_connection = true, .awaits_client = true}, nullptr);
    expect_case(awaits);
    EXPECT_THAT(awaits, HasSubstr("  - nginx: kill(SIGTERM)\n  - client: close(c)\n"));
    const std::string speaks = try_case(restarted, {.port = 80, .speaks_first = true}, nullptr);
    EXPECT_THAT(speaks, HasSubstr("  - client: recv(c) >= 1\n"));
}

TEST(TryCase, AClientThatStaysIsNotWaitedFor) {
    TryWishes restarted = nginx_wishes();
    restarted.restart = "SIGTERM";
    const std::string name = restarted.client->name;
    const std::string text = try_case(restarted, {.port = 80, .client_stays = true}, nullptr);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("  - " + name + ": start\n  - await: server :80 ESTABLISHED\n  - wait: 1s\n" +
                                "  - nginx: kill(SIGTERM)\n  - await: nginx exit within 10s\n"));
    const std::string awaits = try_case(restarted, {.port = 80, .awaits_client = true, .client_stays = true}, nullptr);
    expect_case(awaits);
    EXPECT_THAT(awaits, HasSubstr("  - nginx: kill(SIGTERM)\n  - " + name + ": kill(SIGTERM)\n"));
}

TEST(TryCase, WhatWasObservedIsExpected) {
    TryWishes restarted = nginx_wishes();
    restarted.client.reset();
    restarted.restart = "SIGTERM";
    restarted.netem = "loss=5%, delay=20ms";
    restarted.family = Family::ipv6;
    const TryObserved observed{.where = "kernel 6.18, root",
                               .closing = "the server closed first",
                               .restarted = "started again after SIGTERM, nginx could not listen",
                               .server_end = "SIGTERM",
                               .second_end = "1",
                               .time_wait_before_restart = true,
                               .sockets = {{"client", "none"}, {"server", "{TIME_WAIT: 1}"}},
                               .wire = {"server > client: FIN ACK", "client > server: FIN ACK"}};
    const std::string text = try_case(restarted, {.port = 80, .restart = TryRestart::ends}, &observed);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("case: \"nginx and a client that stays connected, restarted by SIGTERM\"\n"));
    EXPECT_THAT(text,
                HasSubstr("on kernel 6.18, root: the server closed first; started again after SIGTERM, nginx could"));
    EXPECT_THAT(text, HasSubstr("network: {family: ipv6}\n"));
    EXPECT_THAT(text, HasSubstr("  - path: netem(both, loss=5%, delay=20ms)\n"));
    EXPECT_THAT(text, HasSubstr("  - await: nginx exit = SIGTERM within 10s\n  - await: server :80 TIME_WAIT\n"
                                "  - nginx: start\n  - await: nginx exit = 1 within 10s\n"));
    EXPECT_THAT(text, HasSubstr("  wire:\n    - ...\n    - server > client: FIN ACK\n    - ...\n"));
    EXPECT_THAT(text, HasSubstr("  sockets:\n    client: none\n    server: {TIME_WAIT: 1}\n"));
}

TEST(TryCase, TheEndOfTheBuiltInClientIsExpected) {
    TryWishes plain = nginx_wishes();
    plain.client.reset();
    const TryObserved observed{.closing = "the client closed first", .client_state = TcpState::time_wait};
    const std::string text = try_case(plain, {.port = 80}, &observed);
    expect_case(text);
    EXPECT_THAT(text, HasSubstr("  - await: client c TIME_WAIT\n"));
    EXPECT_THAT(text, HasSubstr("    client c: SYN_SENT -> ESTABLISHED -> ... -> TIME_WAIT\n"));
}

}  // namespace
}  // namespace tcpwitness
