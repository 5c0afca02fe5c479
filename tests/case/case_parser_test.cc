// What the parser makes of good cases: each part of the language in its forms.
#include "case/case_parser.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

const std::string kOpening =
    "  - server: l = socket()\n  - server: bind(l, :7000)\n  - server: listen(l, 8)\n  - client: c = socket()\n"
    "  - client: connect(c, server:7000)\n  - server: s = accept(l)\n";

CaseStory story_of(const std::string& content) {
    Diagnostics diagnostics;
    const std::optional<Case> parsed = parse_case(content, "a.yaml", diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "");
    return parsed ? parsed->stories.at(0) : CaseStory{};
}

CaseStory with_steps(const std::string& steps) {
    return story_of("case: a\nsteps:\n" + kOpening + steps);
}

CaseStory with_expect(const std::string& expect) {
    return story_of("case: a\nsteps:\n" + kOpening + "expect:\n" + expect);
}

std::string mistakes_of(const std::string& content) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse_case(content, "a.yaml", diagnostics));
    return diagnostics.to_text();
}

const CaseCall& last_call(const CaseStory& story) {
    return std::get<CaseCall>(story.steps.back().action);
}

TEST(CaseParser, ReadsTheHeader) {
    const CaseStory story = story_of(
        "case: a\nabout: b\nreference: RFC 1\nclaims: [C01]\ntags: one\ntimeout: 2min\n"
        "network: {family: ipv6, topology: direct, mtu: 1400}\nsteps:\n" +
        kOpening);
    EXPECT_EQ(story.title, "a");
    EXPECT_EQ(story.tags, std::vector<std::string>{"one"});
    EXPECT_EQ(story.families, std::vector<Family>{Family::ipv6});
    EXPECT_TRUE(story.direct);
    EXPECT_EQ(story.mtu, 1400);
    EXPECT_EQ(story.timeout, 120s);
    EXPECT_EQ(story.programs.size(), 2U);
}

TEST(CaseParser, ReadsCallsWithEveryKindOfArgument) {
    const CaseStory story = with_steps("  - client: setsockopt(c, SOL_SOCKET, SO_LINGER, {on, 2s}) = 0 within 3s\n");
    const CaseCall& call = last_call(story);
    EXPECT_EQ(call.text, "setsockopt(c, SOL_SOCKET, SO_LINGER, {on, 2s})");
    ASSERT_EQ(call.arguments.size(), 4U);
    EXPECT_EQ(call.arguments[0].value.kind, Value::Kind::socket);
    EXPECT_EQ(call.arguments[2].value.text, "SO_LINGER");
    EXPECT_EQ(call.arguments[3].items[1].value.duration, 2s);
    EXPECT_EQ(story.steps.back().within->range.most, 3s);
    EXPECT_EQ(last_call(with_steps("  - client: send(c, \"PING\\r\\n\")\n")).arguments[1].value.text, "PING\r\n");
    EXPECT_EQ(last_call(with_steps("  - client: poll(c, POLLIN | POLLOUT, 1s)\n")).arguments[1].value.text,
              "POLLIN|POLLOUT");
    EXPECT_EQ(last_call(with_steps("  - client: send(c, 0x10)\n")).arguments[1].value.integer, 16);
}

TEST(CaseParser, ReadsKeysAndFields) {
    const auto items = [](const std::string& option_and_value) {
        return last_call(with_steps("  - client: setsockopt(c, IPPROTO_TCP, " + option_and_value + ")\n"))
            .arguments.at(3)
            .items;
    };
    EXPECT_EQ(items("TCP_MD5SIG, {server:7000, \"a\"}").size(), 2U);
    EXPECT_EQ(items("TCP_MD5SIG_EXT, {server:0, 24, \"a\"}").size(), 3U);
    EXPECT_EQ(items("TCP_AO_ADD_KEY, {server:0, \"a, b\", 255}")[1].value.text, "a, b");
    EXPECT_EQ(items("TCP_AO_ADD_KEY, {:0, 0, \"a\", 0}")[0].endpoint->kind, Endpoint::Host::any);
    EXPECT_EQ(items("TCP_AO_DEL_KEY, {server:0, 1}")[1].value.integer, 1);
    EXPECT_EQ(items("TCP_AO_DEL_KEY, {server:0, 64, 1}")[1].value.integer, 64);
    const std::vector<CaseArgument> fields = items("TCP_AO_INFO, {rnext=2, accept_icmps = 1}");
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(fields[0].value.kind, Value::Kind::field);
    EXPECT_EQ(fields[0].value.text, "rnext");
    EXPECT_EQ(fields[0].items.at(0).value.integer, 2);
    EXPECT_EQ(fields[1].value.text, "accept_icmps");
}

TEST(CaseParser, ReadsEveryKindOfResult) {
    using Kind = CaseResult::Kind;
    const auto result = [](const std::string& step) {
        return last_call(with_steps("  - client: " + step + "\n")).results.at(0).wanted;
    };
    EXPECT_EQ(result("send(c, 9) = EPIPE").kind, Kind::error);
    EXPECT_EQ(result("send(c, 9) = 9").number, (Comparison{Relation::equal, 9}));
    EXPECT_EQ(result("send(c, 9) >= 1").number, (Comparison{Relation::at_least, 1}));
    EXPECT_EQ(result("send(c, 9) = any").kind, Kind::any);
    EXPECT_EQ(result("getsockopt(c, SOL_SOCKET, SO_ERROR) = ECONNREFUSED").output, "ECONNREFUSED");
    EXPECT_EQ(result("getsockopt(c, SOL_SOCKET, SO_ERROR) = 0").kind, Kind::value);
    EXPECT_EQ(result("getsockopt(c, IPPROTO_TCP, TCP_USER_TIMEOUT) = 3s").number.value, 3000);
    EXPECT_EQ(result("getsockopt(c, SOL_SOCKET, SO_KEEPALIVE) = on").number.value, 1);
    EXPECT_EQ(result("getsockopt(c, IPPROTO_TCP, TCP_CONGESTION) = cubic").output, "cubic");
    EXPECT_EQ(result("getsockopt(c, SOL_SOCKET, SO_LINGER) = {on, 2s}").output, "{on, 2s}");
    EXPECT_EQ(result("getsockopt(c, IPPROTO_TCP, TCP_AO_INFO) = {rnext=2, *}").output, "{rnext=2, *}");
    EXPECT_EQ(result("getsockopt(c, SOL_SOCKET, SO_PEERNAME) = server:7000").endpoint->host, "server");
    EXPECT_EQ(result("poll(c, POLLIN) = POLLIN | POLLHUP").output, "POLLIN|POLLHUP");
    EXPECT_EQ(result("getsockname(c) = client:*").endpoint->host, "client");
    EXPECT_TRUE(last_call(with_steps("  - client: send(c, 9)\n")).results.empty());
}

TEST(CaseParser, ReadsUnfinishedCalls) {
    const CaseStory story = with_steps("  - client: recv(c) = ...\n  - client: ... recv(c) = ETIMEDOUT within 3min\n");
    EXPECT_EQ(std::get<CaseCall>(story.steps[6].action).mode, CaseCallMode::begin);
    EXPECT_EQ(last_call(story).mode, CaseCallMode::finish);
    EXPECT_EQ(last_call(story).results.at(0).wanted.error_number, 110);
    EXPECT_NE(mistakes_of("case: a\nsteps:\n" + kOpening + "  - client: ... recv(c) = 0\n").find("under way"),
              std::string::npos);
}

TEST(CaseParser, ReadsEveryFormOfAnAddress) {
    const auto endpoint = [](const std::string& text) {
        return *last_call(with_steps("  - client: d = socket()\n  - client: connect(d, " + text + ")\n"))
                    .arguments.at(1)
                    .endpoint;
    };
    EXPECT_EQ(endpoint(":7000").kind, Endpoint::Host::any);
    EXPECT_EQ(endpoint("*:7000").port, 7000);
    EXPECT_EQ(endpoint("localhost:7000").kind, Endpoint::Host::loopback);
    EXPECT_EQ(endpoint("path:7").host, "path");
    EXPECT_EQ(endpoint("server.ipv6:7000").family, Family::ipv6);
    EXPECT_EQ(to_string(endpoint("[::1]:7000").ip), "::1");
    EXPECT_EQ(to_string(endpoint("127.0.0.1:7000").ip), "127.0.0.1");
    EXPECT_TRUE(endpoint("mapped(server):7000").mapped);
    EXPECT_EQ(endpoint("[::ffff:10.0.0.1]:7000").family, Family::ipv6);
}

TEST(CaseParser, ReadsEveryCondition) {
    const auto condition = [](const std::string& text) {
        return to_string(std::get<CaseAwait>(with_steps("  - await: " + text + "\n").steps.back().action).condition);
    };
    for (const std::string same : {"client c TIME_WAIT", "server :7000 LISTEN", "server :* LISTEN",
                                   "client c tcp_info.retransmits >= 2",
                                   "server exit", "server exit = 0", "server exit = SIGINT", "client > server FIN ACK",
                                   "client > server ACK len > 0", "server TcpExt.ListenDrops >= 1"}) {
        EXPECT_EQ(condition(same), same);
    }
    EXPECT_EQ(condition("client c FIN-WAIT-2"), "client c FIN_WAIT_2");
    EXPECT_EQ(condition("client c tcp_info.rto>5"), "client c tcp_info.rto > 5");
    EXPECT_EQ(condition("client > server ACK len=0"), "client > server ACK len = 0");
}

TEST(CaseParser, ReadsSequencesOfStates) {
    const CaseStory story = with_expect(
        "  states:\n    client c: ... -> ESTABLISHED -> (FIN_WAIT_1 -> FIN-WAIT-2[1s..] | CLOSING | ) -> "
        "TIME_WAIT[2MSL]\n");
    const auto& sequence = story.expectations[0].states[0].sequence[0].wanted;
    ASSERT_EQ(sequence.size(), 4U);
    EXPECT_TRUE(sequence[0].gap);
    ASSERT_EQ(sequence[2].alternatives.size(), 3U);
    EXPECT_EQ(sequence[2].alternatives[0][1].state, TcpState::fin_wait_2);
    EXPECT_EQ(sequence[2].alternatives[0][1].duration->range.least, 1s);
    EXPECT_EQ(sequence[2].alternatives[0][1].duration->range.most, Duration::max());
    EXPECT_TRUE(sequence[3].alternatives[0][0].duration->two_msl);
}

TEST(CaseParser, ReadsSegments) {
    const CaseStory story = with_expect(
        "  wire:\n    - ...\n    - client > server: ACK SYN seq=p-1+3 win>=1000 mss=1460 no ts sackOK fastopen ? lost\n"
        "    - server > client: PSH len=0 forged\n");
    const std::vector<CaseWire>& wire = story.expectations[0].wire;
    ASSERT_EQ(wire.size(), 3U);
    EXPECT_TRUE(wire[0].segment[0].wanted.gap);
    const CaseSegment& segment = wire[1].segment[0].wanted;
    EXPECT_EQ(segment.flags, 0x12);
    EXPECT_EQ(segment.from, "client");
    EXPECT_EQ(segment.window, (Comparison{Relation::at_least, 1000}));
    EXPECT_EQ(segment.options,
              (std::map<std::string, std::string>{{"mss", "1460"}, {"ts", "no"}, {"sackok", ""}, {"fo", ""}}));
    EXPECT_TRUE(segment.optional && segment.lost);
    EXPECT_TRUE(wire[2].segment[0].wanted.forged);
    EXPECT_EQ(wire[2].source.text, "server > client: PSH len=0 forged");
}

TEST(CaseParser, ReadsTheOtherExpectations) {
    const CaseStory story = with_expect(
        "  timewait:\n    client c: {restarts: 1, length: 2MSL, ended by: timer}\n"
        "  sockets: {client: {TIME_WAIT: 1}, server: none}\n"
        "  counters: {server: {TcpExt.ListenDrops: '>= 1'}}\n"
        "  spacing: {client > server SYN: '1s, 2s, ... +-10%', client > server FIN: {gaps: [1s, 2s], tolerance: 5%}}\n"
        "  data: {client c > server s: intact}\n"
        "  exit: {server: SIGINT, client: 3}\n");
    const CaseExpectations& expect = story.expectations[0];
    EXPECT_EQ(expect.time_wait[0].ended_by[0].wanted, "timer");
    EXPECT_TRUE(expect.time_wait[0].length[0].wanted.two_msl);
    EXPECT_EQ(expect.sockets[0].states[0].first, TcpState::time_wait);
    EXPECT_TRUE(expect.sockets[1].states.empty());
    EXPECT_EQ(expect.counters[0].comparison[0].wanted.relation, Relation::at_least);
    EXPECT_EQ(expect.spacing[0].gaps[0].wanted.gaps, (std::vector<Duration>{1s, 2s}));
    EXPECT_TRUE(expect.spacing[0].gaps[0].wanted.more);
    EXPECT_DOUBLE_EQ(expect.spacing[0].gaps[0].wanted.tolerance, 0.1);
    EXPECT_DOUBLE_EQ(expect.spacing[1].gaps[0].wanted.tolerance, 0.05);
    EXPECT_EQ(expect.data[0].from.name, "c");
    EXPECT_EQ(expect.exits[0].outcome[0].wanted.signal, 2);
}

TEST(CaseParser, ReadsAlternativesByKernel) {
    const CaseStory story = with_steps(
        "  - client: send(c, 1) = EPIPE when kernel >= 6.14 and family = ipv6 or sysctl net.ipv4.tcp_ecn else 1\n");
    const Choice<CaseResult>& results = last_call(story).results;
    ASSERT_EQ(results.size(), 2U);
    ASSERT_EQ(results[0].when->any_of.size(), 2U);
    EXPECT_EQ(results[0].when->any_of[0].size(), 2U);
    EXPECT_EQ(results[0].when->any_of[0][0].version, (std::vector<int>{6, 14}));
    EXPECT_FALSE(results[1].when);
}

TEST(CaseParser, ReadsConditionsOnTheClock) {
    const CaseStory story =
        with_steps("  - client: send(c, 1) = 1 when clock = virtual else 1 when clock != virtual\n");
    const Choice<CaseResult>& results = last_call(story).results;
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(results[0].when->any_of[0][0].kind, WhenTest::Kind::clock);
    EXPECT_TRUE(results[0].when->any_of[0][0].virtual_time);
    EXPECT_EQ(results[1].when->any_of[0][0].relation, Relation::not_equal);
}

TEST(CaseParser, VariesRowsAndCombinations) {
    Diagnostics diagnostics;
    const auto parsed = parse_case(
        "case: a $x\nvary: {x: [1, 2], y: [p, q, r]}\nsteps:\n  - client: c$x = socket()\n"
        "  - client: setsockopt(c$x, IPPROTO_TCP, TCP_CONGESTION, $y)\n",
        "a.yaml", diagnostics);
    ASSERT_TRUE(parsed) << diagnostics.to_text();
    ASSERT_EQ(parsed->stories.size(), 6U);
    EXPECT_EQ(parsed->stories[5].title, "a 2");
    EXPECT_EQ(parsed->stories[5].columns[1], (std::pair<std::string, std::string>{"y", "r"}));
}

TEST(CaseParser, SplicesCommonStepsWithTheirOwnPositions) {
    const CaseStory story = story_of(
        "case: a\ncommon:\n  open:\n    - client: c = socket()\nsteps:\n  - include: open\n  - client: close(c)\n");
    ASSERT_EQ(story.steps.size(), 2U);
    EXPECT_EQ(story.steps[0].source.position.line, 4);
    EXPECT_EQ(story.steps[1].source.position.line, 7);
}

TEST(CaseParser, TellsTheSameMistakeOnceForAllRows) {
    const std::string told =
        mistakes_of("case: a\nvary: {x: [1, 2, 3]}\nsteps:\n  - client: c = sokcet()\n  - client: send(c, $x)\n");
    EXPECT_EQ(told, "a.yaml:4:17: error: unknown call 'sokcet'\n    did you mean 'socket'?\n");
}

TEST(CaseParser, RefusesAFileThatIsNotThere) {
    Diagnostics diagnostics;
    EXPECT_FALSE(load_case("/nowhere/a.yaml", diagnostics));
    EXPECT_FALSE(diagnostics.empty());
}

}  // namespace
}  // namespace tcpwitness
