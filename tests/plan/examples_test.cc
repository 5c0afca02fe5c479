// The seven examples of the case language, word for word, through parser and planner.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/file_descriptor.hh"
#include "case/case_parser.hh"
#include "example_machine.hh"
#include "plan/case_files.hh"
#include "plan/planner.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

const std::string kRoot = TCPWITNESS_SOURCE_DIR;

std::vector<Plan> plans_of(const std::string& name, const Machine& machine = example_machine()) {
    Diagnostics diagnostics;
    const std::optional<Case> parsed = load_case(kRoot + "/cases/" + name + ".yaml", diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "");
    if (!parsed) return {};
    std::vector<Plan> plans = make_plans(*parsed, machine, {}, diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "");
    for (const Plan& plan : plans) EXPECT_EQ(plan_to_json(plan_from_json(plan_to_json(plan))), plan_to_json(plan));
    return plans;
}

const std::vector<std::string>& example_names() {
    static const std::vector<std::string> kNames{
        "teardown/four_way_close", "bind/time_wait_restart",  "teardown/last_ack_lost", "teardown/simultaneous_close",
        "loss/bad_line",           "time_wait/assassination", "programs/nginx"};
    return kNames;
}

TEST(Examples, AreWordForWordAsApproved) {
    for (const std::string& name : example_names()) {
        EXPECT_EQ(read_file(kRoot + "/cases/" + name + ".yaml"),
                  read_file(kRoot + "/tests/case/approved/" + name + ".yaml"))
            << name;
    }
}

TEST(Examples, FourWayClose) {
    const std::vector<Plan> plans = plans_of("teardown/four_way_close");
    ASSERT_EQ(plans.size(), 2U);
    const Plan& plan = plans[1];
    EXPECT_EQ(plans[0].id, "teardown/four_way_close[ipv4]");
    EXPECT_EQ(plan.id, "teardown/four_way_close[ipv6]");
    EXPECT_EQ(plan.skip, "");
    EXPECT_EQ(plan.title, "four-way close");
    EXPECT_EQ(plan.claims.size(), 10U);
    ASSERT_EQ(plan.steps.size(), 16U);
    const auto& bind = std::get<CallStep>(plan.steps[1].action);
    EXPECT_EQ(to_string(*bind.arguments[1].address), "[::]:7000");
    EXPECT_EQ(bind.text, "bind(l, :7000)");
    const auto& connect = std::get<CallStep>(plan.steps[4].action);
    EXPECT_EQ(to_string(*connect.arguments[1].address), "[fd00:0:0:2::2]:7000");
    EXPECT_EQ(std::get<CallStep>(plan.steps[5].action).makes, "s");
    EXPECT_EQ(to_string(std::get<CallStep>(plan.steps[11].action).expected), "EPIPE");
    EXPECT_EQ(to_string(std::get<AwaitStep>(plan.steps[15].action).condition), "client c CLOSED");
    EXPECT_EQ(plan.steps[15].deadline, 62148ms + 1s);
    EXPECT_EQ(plan.steps[15].source.text, "await: client c CLOSED within 2MSL");
    EXPECT_EQ(plan.steps[15].source.position.line, 23);
    EXPECT_GT(plan.expected_duration, 60s);
    ASSERT_EQ(plan.expectations.states.size(), 3U);
    const StateAndDuration& time_wait = plan.expectations.states[0].sequence[4].alternatives[0][0];
    EXPECT_EQ(time_wait.state, TcpState::time_wait);
    EXPECT_EQ(time_wait.duration, plan.two_msl);
    EXPECT_EQ(time_wait.duration_text, "2MSL");
    ASSERT_EQ(plan.expectations.wire.size(), 9U);
    EXPECT_EQ(to_string(*plan.expectations.wire[1].acknowledgment), "p+1");
    EXPECT_TRUE(plan.expectations.wire[6].optional);
    EXPECT_EQ(to_string(*plan.expectations.wire[5].length), "s");
}

TEST(Examples, TimeWaitRestart) {
    const std::vector<Plan> plans = plans_of("bind/time_wait_restart");
    ASSERT_EQ(plans.size(), 4U);
    EXPECT_EQ(plans[0].id, "bind/time_wait_restart[old=0 new=0 outcome=EADDRINUSE]");
    EXPECT_EQ(plans[0].programs.size(), 4U);
    EXPECT_EQ(std::get<CallStep>(plans[1].steps.back().action).expected.kind, ExpectedResult::Kind::error);
    EXPECT_EQ(std::get<CallStep>(plans[3].steps.back().action).expected.kind, ExpectedResult::Kind::number);
    EXPECT_EQ(std::get<CallStep>(plans[3].steps[1].action).arguments[3].integer, 1);
    EXPECT_EQ(std::get<SignalStep>(plans[0].steps[7].action).signal_name, "SIGINT");
    const auto& await = std::get<StateCondition>(std::get<AwaitStep>(plans[0].steps[10].action).condition);
    EXPECT_EQ(await.socket.port, 7000);
    EXPECT_EQ(await.socket.host, "server");
}

TEST(Examples, WhatThePathDoesNeedsWhatItIsMadeOf) {
    for (const std::string name : {"teardown/last_ack_lost", "time_wait/assassination"}) {
        for (const Plan& plan : plans_of(name)) {
            EXPECT_EQ(plan.skip, "") << name;
            EXPECT_EQ(plan.network.forwarder, name == "teardown/last_ack_lost") << name;  // inject only adds
        }
    }
    for (const std::string name : {"teardown/simultaneous_close", "loss/bad_line"}) {
        for (const Plan& plan : plans_of(name)) {
            EXPECT_EQ(plan.skip, "") << name;
            EXPECT_NE(std::find(plan.needs.begin(), plan.needs.end(), feature::kNetem), plan.needs.end()) << name;
        }
    }
}

TEST(Examples, LastAckLost) {
    const std::vector<Plan> plans = plans_of("teardown/last_ack_lost");
    ASSERT_EQ(plans.size(), 1U);
    const Plan& plan = plans[0];
    EXPECT_EQ(plan.id, "teardown/last_ack_lost");
    EXPECT_EQ(plan.network.hosts[2].sysctls.back(),
              (std::pair<std::string, std::string>{"net.ipv4.tcp_early_retrans", "0"}));
    const auto& drop = std::get<PathStep>(plan.steps[8].action);
    EXPECT_EQ(drop.arguments, (std::vector<std::string>{"client > server", "ACK"}));
    EXPECT_EQ(std::get<FaultTrick>(drop.trick).fault, FaultKind::drop);
    EXPECT_TRUE(plan.network.forwarder);
    EXPECT_EQ(plan.skip, "");
    EXPECT_TRUE(plan.expectations.states[0].sequence[0].gap);
    EXPECT_EQ(plan.expectations.states[1].sequence[1].alternatives[0][0].duration, (DurationRange{150ms, 2s}));
    EXPECT_TRUE(plan.expectations.wire[2].lost);
    EXPECT_EQ(plan.expectations.time_wait[0].restarts, (Comparison{Relation::equal, 1}));
    EXPECT_EQ(plan.steps.back().deadline, 5s);
}

TEST(Examples, BadLine) {
    const std::vector<Plan> plans = plans_of("loss/bad_line");
    ASSERT_EQ(plans.size(), 1U);
    EXPECT_EQ(plans[0].timeout, 120s);
    const auto& netem = std::get<PathStep>(plans[0].steps[0].action);
    EXPECT_EQ(std::get<NetemTrick>(netem.trick).parameters.at("loss"), "20%");
    EXPECT_FALSE(plans[0].network.forwarder);
    const StateElement& group = plans[0].expectations.states[0].sequence[3];
    ASSERT_EQ(group.alternatives.size(), 3U);
    EXPECT_TRUE(group.alternatives[2].empty());
    EXPECT_EQ(plans[0].expectations.data[0].to.name, "s");
}

TEST(Examples, Assassination) {
    const std::vector<Plan> plans = plans_of("time_wait/assassination");
    ASSERT_EQ(plans.size(), 2U);
    EXPECT_EQ(plans[1].network.hosts[0].sysctls.back().second, "1");
    const auto& inject = std::get<InjectTrick>(std::get<PathStep>(plans[0].steps[10].action).trick);
    EXPECT_EQ(to_string(inject.sequence.value()), "c.rcv_nxt");
    EXPECT_EQ(to_string(std::get<CheckStep>(plans[1].steps.back().action).condition), "client c TIME_WAIT");
    EXPECT_EQ(std::get<WaitStep>(plans[1].steps[11].action).duration, 200ms);
}

TEST(Examples, Nginx) {
    const std::vector<Plan> plans = plans_of("programs/nginx");
    ASSERT_EQ(plans.size(), 1U);
    const PlanProgram& nginx = plans[0].programs.back();
    EXPECT_EQ(nginx.command.front(), "nginx");
    EXPECT_EQ(nginx.command.back(), "daemon off;");
    EXPECT_EQ(nginx.files.at(0).name, "nginx.conf");
    EXPECT_EQ(nginx.files.at(0).content, read_file(kRoot + "/fixtures/nginx.conf"));
    EXPECT_EQ(plans[0].skip, "");
    Machine bare = example_machine();
    bare.programs["nginx"] = false;
    EXPECT_EQ(plans_of("programs/nginx", bare)[0].skip, "nginx is not installed");
}

TEST(Examples, EveryShippedCaseParsesAndPlans) {
    const std::vector<std::string> files = case_files({kRoot + "/cases"});
    EXPECT_GE(files.size(), 7U);
    for (const std::string& file : files) {
        Diagnostics diagnostics;
        const std::optional<Case> parsed = load_case(file, diagnostics);
        ASSERT_TRUE(parsed) << diagnostics.to_text();
        EXPECT_FALSE(make_plans(*parsed, example_machine(), {}, diagnostics).empty()) << file;
        EXPECT_EQ(diagnostics.to_text(), "");
    }
}

}  // namespace
}  // namespace tcpwitness
