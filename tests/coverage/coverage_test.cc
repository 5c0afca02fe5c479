// What a set of runs showed: claims, settings, options, and where kernels differ.
#include "coverage/coverage.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "coverage/unshown.hh"
#include "observed_run.hh"

namespace tcpwitness {
namespace {

using namespace tcpwitness::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const CoverageItem& item(const std::vector<CoverageItem>& items, const std::string& id) {
    return *std::find_if(items.begin(), items.end(), [&id](const CoverageItem& each) { return each.id == id; });
}

Coverage coverage_of(const std::vector<Record>& records) {
    CoverageCollector collector;
    for (const Record& record : records) collector.add(record, "out/records/" + record.plan.id + ".json");
    return collector.finish();
}

Record opened(const std::vector<std::string>& claims) {
    ObservedRun run;
    run.record.plan.claims = claims;
    return run.open().finish();
}

TEST(Coverage, AClaimCountsWhenItIsNamedAndSeen) {
    const Coverage coverage = coverage_of({opened({"C04", "C07"})});
    ASSERT_EQ(item(coverage.claims, "C04").witnesses.size(), 1U);
    EXPECT_EQ(item(coverage.claims, "C04").witnesses.front(), (Witness{"a[ipv4]", "6.12", "out/records/a[ipv4].json"}));
    EXPECT_FALSE(item(coverage.claims, "C07").shown());
    EXPECT_THAT(item(coverage.claims, "C07").announced, ElementsAre("a[ipv4]"));
    EXPECT_FALSE(item(coverage.claims, "C03").shown()) << "seen, but no case names it";
}

TEST(Coverage, ARunThatDoesNotPassShowsNothing) {
    Record failed = opened({"C04"});
    failed.plan.expectations.states.push_back(states_expected("client c", "LISTEN"));
    const Coverage coverage = coverage_of({failed});
    EXPECT_EQ(coverage.runs, 1U);
    EXPECT_EQ(coverage.passed, 0U);
    EXPECT_FALSE(item(coverage.claims, "C04").shown());
    EXPECT_TRUE(
        std::none_of(coverage.cells.begin(), coverage.cells.end(), [](const auto& cell) { return cell.shown(); }));
}

TEST(Coverage, SettingsOfTheCaseButNotOfTheHarness) {
    Record record = opened({});
    record.plan.network.hosts = {{"client", {{"net.ipv4.ip_forward", "0"}, {"net.ipv4.tcp_sack", "0"}}}};
    const Coverage coverage = coverage_of({record});
    EXPECT_THAT(item(coverage.sysctls, "net.ipv4.tcp_sack").values, ElementsAre("0"));
    EXPECT_TRUE(std::none_of(coverage.sysctls.begin(), coverage.sysctls.end(),
                             [](const CoverageItem& each) { return each.id == "net.ipv4.ip_forward"; }));
    EXPECT_FALSE(item(coverage.sysctls, "net.ipv4.tcp_ecn").shown());
}

TEST(Coverage, AnOptionCountsWhenTheCallSucceeded) {
    ObservedRun run;
    run.open().call("setsockopt", 0).call("setsockopt", -1, EINVAL);
    const auto name = [&run](size_t step, const char* option) {
        auto& call = std::get<CallStep>(run.record.plan.steps[step].action);
        call.arguments.push_back({.kind = Value::Kind::symbol, .text = "SOL_SOCKET"});
        call.arguments.push_back({.kind = Value::Kind::symbol, .text = option});
        call.arguments.push_back({.kind = Value::Kind::integer, .integer = 1});
    };
    name(1, "SO_KEEPALIVE");
    name(2, "SO_MARK");
    const Coverage coverage = coverage_of({run.finish()});
    EXPECT_TRUE(item(coverage.options, "SO_KEEPALIVE").shown());
    EXPECT_FALSE(item(coverage.options, "SO_MARK").shown());
}

TEST(Coverage, WhatNoCaseCanShowIsNotMissingAndSaysWhy) {
    const Coverage coverage = coverage_of({opened({})});
    EXPECT_FALSE(item(coverage.options, "IP_ADD_MEMBERSHIP").missing());
    EXPECT_EQ(item(coverage.options, "IP_ADD_MEMBERSHIP").impossible, "multicast and anycast: TCP has none");
    EXPECT_FALSE(item(coverage.sysctls, "net.ipv4.tcp_fack").missing());
    EXPECT_TRUE(item(coverage.options, "SO_KEEPALIVE").missing());
    EXPECT_TRUE(item(coverage.sysctls, "net.ipv4.tcp_ecn").missing());
}

TEST(Coverage, WhatIsSaidToHaveNoCaseIsOnTheList) {
    const Coverage coverage = coverage_of({});
    const auto reasons = [](const std::vector<CoverageItem>& items) {
        return static_cast<size_t>(
            std::count_if(items.begin(), items.end(), [](const auto& each) { return !each.impossible.empty(); }));
    };
    EXPECT_EQ(reasons(coverage.options) + reasons(coverage.sysctls), unshown_count());
}

TEST(Coverage, KernelsThatDifferInACell) {
    ObservedRun old_kernel;
    old_kernel.record.plan.id = "a[ipv4]@6.1";
    Record first = old_kernel.open().call("bind", -1, EINVAL).finish();
    first.timeline.observed.kernel = "6.1.0-9-amd64";
    ObservedRun new_kernel;
    new_kernel.record.plan.id = "a[ipv4]@6.12";
    Record second = new_kernel.open().call("bind", 0).finish();
    const Coverage coverage = coverage_of({first, second});
    ASSERT_EQ(coverage.differences.size(), 1U);
    EXPECT_EQ(coverage.differences.front().what, "ESTABLISHED x bind");
    EXPECT_EQ(coverage.differences.front().kernels.at("6.1"), "= EINVAL, ESTABLISHED (a[ipv4])");
    EXPECT_EQ(coverage.differences.front().kernels.at("6.12"), "= 0, ESTABLISHED (a[ipv4])");
    EXPECT_THAT(coverage_of({first, first}).differences, IsEmpty());
}

}  // namespace
}  // namespace tcpwitness
