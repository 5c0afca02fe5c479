#include <gtest/gtest.h>

#include "base/error.hh"
#include "plan/plan.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

SourceLine line(int number) {
    return {{"a.yaml", number, 5}, "line " + std::to_string(number)};
}

PlanNetwork network() {
    PlanNetwork network{.topology = Topology::direct, .family = Family::ipv6};
    network.hosts = {{"client", {{"net.ipv4.tcp_rfc1337", "1"}}}};
    const InterfaceAddress address{*IpAddress::parse("10.0.1.1"), 24};
    network.links = {
        {{"client", "client0", "02:00:00:00:01:01", {address}}, {"server", "server0", "02:00:00:00:01:02", {}}, 1400}};
    network.routes = {{"client", {*IpAddress::parse("fd00::"), 64}, *IpAddress::parse("fd00::1")}};
    return network;
}

std::vector<PlanStep> steps() {
    const SocketReference c{.host = "client", .program = "client", .name = "c"};
    CallStep call{
        .program = "client", .function = "connect", .makes = "c", .mode = CallMode::begin, .text = "connect(c)"};
    call.arguments = {{.kind = Value::Kind::socket, .text = "c"}};
    call.expected = {.kind = ExpectedResult::Kind::error, .error_number = 111};
    return {{line(1), 5s, call},
            {line(2), 5s, StartStep{"nginx"}},
            {line(3), 5s, SignalStep{"nginx", 15, "SIGTERM"}},
            {line(4), 5s, AwaitStep{StateCondition{c, TcpState::time_wait}}},
            {line(5), 5s, CheckStep{TcpInfoCondition{c, "retransmits", {Relation::at_least, 2}}}},
            {line(6), 5s, AwaitStep{ExitCondition{"nginx", {}, 2}}},
            {line(7), 5s, AwaitStep{SegmentCondition{"client", "server", 1, Comparison{Relation::greater, 0}}}},
            {line(8), 5s, AwaitStep{CounterCondition{"server", "TcpExt.ListenDrops", {}}}},
            {line(9), 5s, WaitStep{200ms}},
            {line(10), 5s, SysctlStep{"client", "net.ipv4.tcp_fin_timeout", "3"}},
            {line(11), 5s, PathStep{"inject", {"server > client", "RST"}, InjectTrick{.flags = 4, .sequence = Expression{{.variable = "c.rcv_nxt"}}}}}};
}

Expectations expectations() {
    const SocketReference c{.host = "client", .program = "client", .name = "c"};
    Expectations expect;
    const StateAndDuration state{TcpState::time_wait, DurationRange{60s, 63s}, "2MSL"};
    expect.states = {{line(20), c, {{true, {}}, {false, {{state}, {}}}}}};
    WirePattern pattern{.source = line(21), .from = "client", .to = "server", .flags = 0x12};
    pattern.sequence = Expression{{false, "p", 0}, {true, "", 1}};
    pattern.window = Comparison{Relation::equal, 0};
    pattern.options = {{"mss", "1460"}, {"sack", "no"}};
    pattern.lost = true;
    expect.wire = {pattern, {.source = line(22), .gap = true}};
    expect.time_wait = {{line(23), c, Comparison{Relation::equal, 1}, DurationRange{60s, 62s}, "2MSL", "timer"}};
    expect.sockets = {{line(24), "client", {{TcpState::time_wait, {Relation::at_least, 1}}}}, {line(25), "server", {}}};
    expect.counters = {{line(26), "server", "TcpExt.ListenDrops", {Relation::at_least, 1}}};
    expect.spacing = {{line(27), "client", "server", 2, {1s, 2s}, true, 0.1}};
    expect.data = {{line(28), c, {.host = "server", .program = "server", .name = "s"}}};
    expect.exits = {{line(29), "nginx", 0, {}}};
    return expect;
}

TEST(PlanJson, AWholePlanSurvives) {
    Plan plan{.id = "a/b[ipv6]", .title = "b", .variant = "ipv6", .claims = {"C01"}, .tags = {"2msl"}};
    plan.source = {"a.yaml", 1, 1};
    plan.case_text = {"case: b", "steps: []"};
    plan.network = network();
    plan.programs = {
        {"nginx", "server", {"nginx", "-p", "."}, {{"A", "1"}}, "sub", {{"x", "text"}, {"y", "\xff\x00z"}}, 1000U}};
    plan.steps = steps();
    plan.expectations = expectations();
    plan.seed = UINT64_MAX;
    plan.timeout = 70s;
    plan.two_msl = {60s, 62148ms};
    plan.expected_duration = 61s;
    plan.needs = {"veth"};
    plan.skip = "why not";
    const std::string json = plan_to_json(plan);
    const Plan again = plan_from_json(json);
    EXPECT_EQ(plan_to_json(again), json);
    EXPECT_EQ(again.seed, UINT64_MAX);
    EXPECT_EQ(again.programs[0].files[1].content, plan.programs[0].files[1].content);
    EXPECT_EQ(std::get<CallStep>(again.steps[0].action).mode, CallMode::begin);
    EXPECT_EQ(again.expectations.states[0].sequence[1].alternatives.size(), 2U);
}

TEST(PlanJson, RefusesWhatIsNoPlan) {
    EXPECT_THROW(plan_from_json(""), Error);
    EXPECT_THROW(plan_from_json("[]"), Error);
    EXPECT_THROW(plan_from_json("{\"id\": 3}"), Error);
    Plan plan;
    plan.steps = {{line(1), 1s, StartStep{"nginx"}}};
    std::string json = plan_to_json(plan);
    json.replace(json.find("\"start\""), 7, "\"stare\"");
    EXPECT_THROW(plan_from_json(json), Error);
}

}  // namespace
}  // namespace tcpwitness
