#include "plan/planner.hh"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/error.hh"
#include "base/file_descriptor.hh"
#include "case/case_parser.hh"
#include "example_machine.hh"
#include "plan/case_files.hh"
#include "plan/settings.hh"

namespace tcpwitness {
namespace {

using namespace std::chrono_literals;

const std::string kOpening =
    "  - server: l = socket()\n  - server: bind(l, :7000)\n  - server: listen(l, 8)\n  - client: c = socket()\n"
    "  - client: connect(c, server:7000)\n  - server: s = accept(l)\n";

Case case_of(const std::string& content) {
    Diagnostics diagnostics;
    std::optional<Case> parsed = parse_case(content, "/x/cases/bind/a.yaml", diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "");
    return parsed.value_or(Case{});
}

std::vector<Plan> plans_from(const std::string& content, const Machine& machine = example_machine(),
                           const PlanOptions& options = {}) {
    Diagnostics diagnostics;
    std::vector<Plan> plans = make_plans(case_of(content), machine, options, diagnostics);
    EXPECT_EQ(diagnostics.to_text(), "");
    return plans;
}

Plan plan_of(const std::string& steps, const Machine& machine = example_machine(), const std::string& head = "") {
    const std::vector<Plan> plans = plans_from("case: a\n" + head + "steps:\n" + kOpening + steps, machine);
    return plans.empty() ? Plan{} : plans[0];
}

const CallStep& last_call(const Plan& plan) {
    return std::get<CallStep>(plan.steps.back().action);
}

std::string address_in(const Plan& plan) {
    return to_string(*last_call(plan).arguments.at(1).address);
}

TEST(Planner, MakesOnePlanForEachRowAndFamily) {
    const std::string content =
        "case: a\nnetwork: {family: [ipv4, ipv6]}\nvary: {x: [1, 2]}\nsteps:\n  - client: c = socket()\n"
        "  - client: setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, $x)\n";
    const std::vector<Plan> plans = plans_from(content);
    ASSERT_EQ(plans.size(), 4U);
    EXPECT_EQ(plans[0].id, "bind/a[x=1 ipv4]");
    EXPECT_EQ(plans[3].id, "bind/a[x=2 ipv6]");
    EXPECT_EQ(plans[3].seed, 1U);
    const std::vector<Plan> some = plans_from(content, example_machine(), {.seed = 7, .families = {Family::ipv6}});
    ASSERT_EQ(some.size(), 2U);
    EXPECT_EQ(some[0].variant, "x=1 ipv6");
    EXPECT_EQ(some[0].seed, 7U);
}

TEST(Planner, GivesEveryRunItsOwnId) {
    const std::vector<Plan> plans = plans_from(
        "case: a\nvary: [{x: 1, name: one}, {x: 1}, {x: 1}]\nsteps:\n  - client: c = socket()\n"
        "  - client: setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, $x)\n");
    ASSERT_EQ(plans.size(), 3U);
    EXPECT_EQ(plans[0].id, "bind/a[one]");
    EXPECT_EQ(plans[1].id, "bind/a[x=1]");
    EXPECT_EQ(plans[2].id, "bind/a[x=1 #2]");
}

TEST(Planner, LaysOutThePath) {
    const PlanNetwork network = plan_of("").network;
    ASSERT_EQ(network.hosts.size(), 3U);
    ASSERT_EQ(network.links.size(), 2U);
    EXPECT_EQ(network.links[0].a.name, "client0");
    EXPECT_EQ(to_string(network.links[0].a.addresses[0].ip), "10.0.1.1");
    EXPECT_EQ(to_string(network.links[1].b.addresses[1].ip), "fd00:0:0:2::2");
    EXPECT_EQ(network.routes.size(), 4U);
    EXPECT_EQ(network.hosts[1].sysctls[0], (std::pair<std::string, std::string>{"net.ipv4.ip_forward", "1"}));
    EXPECT_EQ(network.hosts[0].sysctls[0].second, "0");
}

TEST(Planner, LaysOutADirectLink) {
    const Plan plan = plan_of("  - client: d = socket()\n  - client: connect(d, server:1)\n", example_machine(),
                              "network: {topology: direct, mtu: 1400}\n");
    EXPECT_EQ(plan.network.hosts.size(), 2U);
    EXPECT_EQ(plan.network.links.at(0).mtu, 1400);
    EXPECT_TRUE(plan.network.routes.empty());
    EXPECT_EQ(address_in(plan), "10.0.1.2:1");
}

TEST(Planner, LeavesOutIpv6WhereThereIsNone) {
    const Machine machine = machine_without(feature::kIpv6, "");
    const Plan plan = plan_of("", machine);
    EXPECT_EQ(plan.skip, "");
    EXPECT_EQ(plan.network.links[0].a.addresses.size(), 1U);
    for (const PlanHost& host : plan.network.hosts) {
        for (const auto& [key, value] : host.sysctls) EXPECT_FALSE(key.starts_with("net.ipv6")) << key;
    }
    EXPECT_EQ(plan_of("  - client: d = socket(ipv6)\n", machine).skip, "needs ipv6");
    EXPECT_EQ(plan_of("", machine, "network: {family: ipv6}\n").skip, "needs ipv6");
}

TEST(Planner, ResolvesAddressesByTheSocketsFamily) {
    const auto connected = [](const std::string& kind, const std::string& to) {
        return address_in(plan_of("  - client: d = socket(" + kind + ")\n  - client: connect(d, " + to + ")\n"));
    };
    EXPECT_EQ(connected("", "server:80"), "10.0.2.2:80");
    EXPECT_EQ(connected("AF_INET6", "server:80"), "[fd00:0:0:2::2]:80");
    EXPECT_EQ(connected("ipv6", "mapped(server):80"), "[::ffff:10.0.2.2]:80");
    EXPECT_EQ(connected("ipv6", "server.ipv4:80"), "10.0.2.2:80");
    EXPECT_EQ(connected("", "localhost:80"), "127.0.0.1:80");
    EXPECT_EQ(connected("ipv6", "localhost:80"), "[::1]:80");
    EXPECT_EQ(connected("ipv6", ":80"), "[::]:80");
    EXPECT_EQ(connected("", "path:80"), "10.0.1.254:80");
    EXPECT_EQ(connected("", "192.0.2.1:80"), "192.0.2.1:80");
}

TEST(Planner, CompletesTheArgumentsOfSocket) {
    const Plan plan = plan_of("  - client: d = socket(SOCK_NONBLOCK, ipv6)\n");
    const std::vector<Value>& arguments = last_call(plan).arguments;
    ASSERT_EQ(arguments.size(), 3U);
    EXPECT_EQ(arguments[0].text, "AF_INET6");
    EXPECT_EQ(arguments[1].text, "SOCK_STREAM|SOCK_NONBLOCK");
    EXPECT_EQ(arguments[2].text, "IPPROTO_TCP");
}

TEST(Planner, NamesSocketsThatTheCaseDoesNot) {
    EXPECT_EQ(last_call(plan_of("  - server: accept(l) = EAGAIN\n")).makes, "unnamed7");
    const Plan plan = plan_of("  - server: accept(l) = ...\n  - server: ... t = accept(l) = any\n");
    EXPECT_EQ(std::get<CallStep>(plan.steps[6].action).makes, "t");
    EXPECT_EQ(last_call(plan).makes, "");
    EXPECT_EQ(last_call(plan).mode, CallMode::finish);
}

TEST(Planner, ResolvesExpectedAddresses) {
    const ExpectedResult expected = last_call(plan_of("  - server: getpeername(s) = client:*\n")).expected;
    EXPECT_EQ(expected.output, "10.0.1.1:*");
    EXPECT_EQ(last_call(plan_of("  - client: getpeername(c) = server:7000\n")).expected.output, "10.0.2.2:7000");
}

TEST(Planner, PicksTheAlternativeForTheKernel) {
    const std::string step = "  - client: send(c, 1) = EPIPE when kernel < 6.14 else 1 when kernel < 7\n";
    const auto result = [&](const std::string& kernel) {
        return to_string(last_call(plan_of(step, example_machine(kernel))).expected);
    };
    EXPECT_EQ(result("6.1.0"), "EPIPE");
    EXPECT_EQ(result("6.14.2"), "1");
    EXPECT_EQ(result("7.2.0"), "any");
    EXPECT_EQ(to_string(last_call(plan_of("  - client: send(c, 1)\n")).expected), "success");
}

TEST(Planner, ComparesAsManyNumbersOfAVersionAsAreWritten) {
    const auto runs = [](const std::string& when, const std::string& kernel) {
        return plan_of("", example_machine(kernel), "when: " + when + "\n").skip.empty();
    };
    EXPECT_TRUE(runs("kernel = 6.1", "6.1.50"));
    EXPECT_FALSE(runs("kernel > 6.1", "6.1.50"));
    EXPECT_TRUE(runs("kernel <= 6.1", "6.1.50"));
    EXPECT_TRUE(runs("kernel > 6.1", "6.2.0"));
    EXPECT_TRUE(runs("kernel >= 6.9", "6.14.0"));
    EXPECT_FALSE(runs("kernel >= 6.14", "6.9.0"));
    EXPECT_TRUE(runs("kernel != 6.1", "6.2.0"));
    EXPECT_FALSE(runs("kernel != 6", "6.2.0"));
    EXPECT_TRUE(runs("kernel < 5 or kernel >= 6 and family = ipv4", "6.2.0"));
    EXPECT_FALSE(runs("kernel >= 6 and family = ipv6", "6.2.0"));
    EXPECT_TRUE(runs("family != ipv6", "6.2.0"));
}

TEST(Planner, AConditionThatDoesNotHoldIsANamedSkip) {
    EXPECT_EQ(plan_of("", example_machine("5.10.0"), "when: kernel >= 6.5\n").skip,
              "only when kernel >= 6.5 (kernel 5.10.0, ipv4, real time)");
    const std::vector<Plan> plans = plans_from(
        "case: a\nvary: [{x: 1}, {x: 2, when: kernel < 5}]\nsteps:\n  - client: c = socket()\n"
        "  - client: setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, $x)\n");
    EXPECT_EQ(plans.at(0).skip, "");
    EXPECT_NE(plans.at(1).skip, "");
}

TEST(Planner, AConditionOnTheClockHoldsWhereTimeIsVirtual) {
    Machine guest = example_machine();
    guest.virtual_time = true;
    EXPECT_EQ(plan_of("", guest, "when: clock = virtual\n").skip, "");
    EXPECT_EQ(plan_of("", example_machine(), "when: clock = virtual\n").skip,
              "only when clock = virtual (kernel 6.18.0, ipv4, real time)");
    EXPECT_NE(plan_of("", guest, "when: clock = real\n").skip, "");
    EXPECT_EQ(plan_of("", example_machine(), "when: clock != virtual\n").skip, "");
}

TEST(Planner, AConditionOnASettingHoldsWhereTheKernelHasIt) {
    Machine machine = example_machine();
    machine.sysctls = {"net.ipv4.tcp_rfc1337"};
    const auto skip = [&machine](const std::string& when) { return plan_of("", machine, "when: " + when + "\n").skip; };
    EXPECT_EQ(skip("sysctl net.ipv4.tcp_rfc1337"), "");
    EXPECT_NE(skip("no sysctl net.ipv4.tcp_rfc1337"), "");
    EXPECT_EQ(skip("no sysctl net.ipv4.tcp_rto_max_ms"), "");
    EXPECT_EQ(skip("sysctl net.ipv4.tcp_rto_max_ms"),
              "only when sysctl net.ipv4.tcp_rto_max_ms (kernel 6.18.0, ipv4, real time)");
    machine.sysctls.clear();  // not known which there are
    EXPECT_EQ(skip("sysctl net.ipv4.tcp_rto_max_ms"), "");
    EXPECT_NE(skip("no sysctl net.ipv4.tcp_rto_max_ms"), "");
}

TEST(Planner, LeavesOutWhatIsForOtherKernels) {
    const std::string content = "case: a\nsteps:\n" + kOpening +
                                "  - {client: 'send(c, 1)', when: kernel >= 7}\nexpect:\n  - when: kernel >= 7\n    "
                                "counters: {client: {Tcp.A: 1}}\n"
                                "  - states: {client c: SYN_SENT -> ESTABLISHED when kernel >= 7}\n    sockets: "
                                "{client: {ESTABLISHED: 1 when kernel >= 7}}\n";
    const Plan old = plans_from(content, example_machine("6.1.0")).at(0);
    EXPECT_EQ(old.steps.size(), 6U);
    EXPECT_TRUE(old.expectations.counters.empty());
    EXPECT_TRUE(old.expectations.states.empty());
    EXPECT_TRUE(old.expectations.sockets.empty());
    const Plan recent = plans_from(content, example_machine("7.1.0")).at(0);
    EXPECT_EQ(recent.steps.size(), 7U);
    EXPECT_EQ(recent.expectations.counters.size(), 1U);
    EXPECT_EQ(recent.expectations.states.size(), 1U);
}

TEST(Planner, ASocketThatNoStepMakesOnThisKernelIsAMistake) {
    const Case parsed = case_of(
        "case: a\nsteps:\n  - {client: c = socket(), when: kernel >= 7}\n  - client: close(c)\n  - await: client c "
        "CLOSED\n");
    Diagnostics diagnostics;
    EXPECT_TRUE(make_plans(parsed, example_machine("6.1.0"), {}, diagnostics).empty());
    EXPECT_EQ(diagnostics.entries().size(), 2U);
    EXPECT_NE(diagnostics.to_text().find("on kernel 6.1.0 no step makes the socket 'c'"), std::string::npos);
    Diagnostics none;
    EXPECT_EQ(make_plans(parsed, example_machine("7.0.0"), {}, none).size(), 1U);
}

TEST(Planner, SetsDeadlines) {
    EXPECT_EQ(plan_of("  - client: close(c)\n").steps.back().deadline, 5s);
    EXPECT_EQ(plan_of("  - client: close(c) within 2s\n").steps.back().deadline, 2s);
    EXPECT_EQ(plan_of("  - await: client c CLOSED within 2MSL\n").steps.back().deadline, 62148ms + 1s);
    EXPECT_EQ(plan_of("  - wait: 10s\n").steps.back().deadline, 11s);
    EXPECT_EQ(plan_of("  - client: poll(c, POLLIN, 20s)\n").steps.back().deadline, 21s);
    EXPECT_EQ(plan_of("  - client: poll(c, POLLIN, 20000)\n").steps.back().deadline, 21s);
    EXPECT_EQ(plan_of("  - client: poll(c, POLLIN, -1)\n").steps.back().deadline, 5s);
    EXPECT_EQ(plan_of("").timeout, 6 * 5s + 10s);
}

TEST(Planner, GuessesHowLongARunTakes) {
    EXPECT_LT(plan_of("").expected_duration, 1s);
    EXPECT_GT(plan_of("  - wait: 3s\n").expected_duration, 3s);
    EXPECT_GT(plan_of("  - await: client c CLOSED within 2MSL\n").expected_duration, 60s);
}

TEST(Planner, NamesWhatTheMachineLacks) {
    EXPECT_EQ(plan_of("", machine_without(feature::kVeth, "Operation not supported")).skip,
              "needs veth: Operation not supported");
    Machine machine = example_machine();
    machine.sysctls = {"net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_rfc1337", "net.ipv4.conf.default.rp_filter"};
    EXPECT_EQ(plan_of("  - client: sysctl(net.ipv4.tcp_rfc1377, 1)\n", machine).skip,
              "kernel 6.18.0 has no setting net.ipv4.tcp_rfc1377 (it has net.ipv4.tcp_rfc1337)");
    EXPECT_EQ(plan_of("", machine, "hosts: {client: {sysctl: {net.core.nothing: 1}}}\n").skip,
              "kernel 6.18.0 has no setting net.core.nothing");
    EXPECT_EQ(plan_of("  - client: sysctl(net.ipv4.conf.client0.rp_filter, 1)\n", machine).skip, "");
    EXPECT_NE(plan_of("", machine_without(feature::kManyUsers, "one uid"), "programs: {client: {user: 1000}}\n").skip,
              "");
}

TEST(Planner, ExactTimeWaitNeedsATracer) {
    const std::string content = "case: a\nsteps:\n" + kOpening + "expect: {timewait: {client c: {restarts: 1}}}\n";
    EXPECT_EQ(plans_from(content).at(0).skip, "");
    EXPECT_EQ(plans_from(content, machine_without(feature::kStateTracer, "lockdown")).at(0).skip,
              "needs state tracer: lockdown");
}

TEST(Planner, ACasesOwnSettingTakesThePlaceOfThePinnedOne) {
    const Plan plan = plan_of("", example_machine(), "hosts: {client: {sysctl: {net.ipv4.conf.all.rp_filter: 2}}}\n");
    int count = 0;
    for (const auto& [key, value] : plan.network.hosts[0].sysctls)
        count += key == "net.ipv4.conf.all.rp_filter" ? 1 : 0;
    EXPECT_EQ(count, 1);
    EXPECT_EQ(plan.network.hosts[0].sysctls.back().second, "2");
}

TEST(Planner, ListsProgramsToLookFor) {
    EXPECT_EQ(
        programs_needed(case_of(
            "case: a\nprograms: {b: {on: server, run: [nginx]}, c: {on: server, run: [/bin/true]}, d: {on: client}}\n"
            "steps:\n  - b: start\n")),
        std::vector<std::string>{"nginx"});
}

TEST(Planner, NamesCasesByTheirPlaceBelowCases) {
    EXPECT_EQ(case_name("/x/cases/teardown/a.yaml"), "teardown/a");
    EXPECT_EQ(case_name("cases/a.yaml"), "a");
    EXPECT_EQ(case_name("../b/./a.yml"), "b/a");
    EXPECT_EQ(case_name("/cases/x/cases/y/a.yaml"), "y/a");
    EXPECT_EQ(case_name("a"), "a");
}

TEST(CaseFiles, AreFoundSortedAndOnce) {
    const std::string folder = testing::TempDir() + "tcpwitness_case_files";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder + "/b/common");
    std::filesystem::create_directories(folder + "/.hidden");
    for (const std::string name :
         {"/b/two.yaml", "/a.yml", "/b/common/open.yaml", "/.hidden/x.yaml", "/README.md", "/schema.json"}) {
        write_file(folder + name, "");
    }
    EXPECT_EQ(case_files({folder, folder + "/a.yml"}),
              (std::vector<std::string>{folder + "/a.yml", folder + "/b/two.yaml"}));
    EXPECT_EQ(case_files({folder + "/b/common/open.yaml"}).size(), 1U);
    EXPECT_THROW(case_files({folder + "/none"}), Error);
    std::filesystem::remove_all(folder);
}

// Whatever parses is planned for whatever machine, without falling, and the plan survives its JSON.
TEST(Planner, NeverFallsOnAnyMachine) {
    std::mt19937 random(7);
    const auto below = [&](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
    std::vector<Case> cases;
    for (const std::string& file : case_files({std::string(TCPWITNESS_SOURCE_DIR) + "/cases"})) {
        Diagnostics diagnostics;
        if (const std::optional<Case> parsed = load_case(file, diagnostics)) cases.push_back(*parsed);
    }
    ASSERT_FALSE(cases.empty());
    for (int round = 0; round < 200; ++round) {
        Machine machine = example_machine(std::to_string(below(9)) + "." + std::to_string(below(20)));
        machine.hz = std::vector{100, 250, 300, 1000}[below(4)];
        for (Feature& each : machine.features) each.available = below(4) != 0;
        if (below(2) == 0) machine.sysctls = {"net.ipv4.tcp_rfc1337"};
        if (below(2) == 0) machine.programs.clear();
        Diagnostics diagnostics;
        for (const Plan& plan : make_plans(cases[below(cases.size())], machine, {}, diagnostics)) {
            EXPECT_NO_THROW(plan_from_json(plan_to_json(plan)));
        }
    }
}

}  // namespace
}  // namespace tcpwitness
