// The texts and the JSON of mutate, coverage and tune.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "records.hh"
#include "report/coverage_text.hh"
#include "report/mutation_text.hh"
#include "report/tuning_text.hh"

namespace tcpwitness {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Style kWide{.width = 140};

Coverage covered() {
    CoverageCollector collector;
    Record record = record_of(four_way_close(), Outcome::pass);
    record.plan.claims = {"C09"};
    collector.add(record, "out/records/a.json");
    return collector.finish();
}

TEST(CoverageText, SaysWhatIsShownAndWhatIsMissing) {
    const std::string text = coverage_text(covered(), kWide);
    EXPECT_THAT(text, HasSubstr("claims: 1 of 25 shown"));
    EXPECT_THAT(text, HasSubstr("C06  initial sequence numbers are random"));
    EXPECT_THAT(text, Not(HasSubstr("C09  ")));
    EXPECT_THAT(text, HasSubstr("time-out            cannot be: "));
}

TEST(CoverageText, ItsJsonLeadsFromTheCellToTheRecord) {
    const json all = json::parse(coverage_json(covered()));
    EXPECT_EQ(all.at("cells").size(), 11U * 18U);
    const auto& claim = all.at("claims").at(8);
    EXPECT_EQ(claim.at("id"), "C09");
    EXPECT_EQ(claim.at("witnesses").at(0).at("record"), "out/records/a.json");
}

TEST(MutationText, ShowsTheLineTheChangeAndTheRun) {
    Record record = record_of(four_way_close(), Outcome::pass);
    record.plan.expectations = {};
    record.plan.steps.clear();
    WirePattern gap;
    gap.gap = true;
    WirePattern line{.source = {{"a.yaml", 7, 7}, "client > server: ACK win>=0"},
                     .from = "client",
                     .to = "server",
                     .flags = tcp_flag::kAck};
    record.plan.expectations.wire = {gap, line, gap};
    Mutations mutations;
    mutations.add(record);
    const std::string text = mutation_text(mutations, kWide);
    EXPECT_THAT(text, HasSubstr("a.yaml:7: client > server: ACK win>=0"));
    EXPECT_THAT(text, HasSubstr("unnoticed: ACK is FIN ACK (in "));
    EXPECT_THAT(text, HasSubstr("1 run judged with "));
    const json all = json::parse(mutation_json(mutations));
    EXPECT_EQ(all.at("survivors").at(0).at("source").at("line"), 7);
}

Tuning tuned() {
    Tuning tuning{.profile = "a.conf", .where = "kernel 6.12", .compared = 3};
    tuning.settings.applied = {
        {"net.ipv4.tcp_fin_timeout", "15", 1}, {"net.ipv4.tcp_sack", "1", 2}, {"net.ipv4.tcp_ecn", "1", 4}};
    tuning.kept = {{"net.ipv4.tcp_ecn", 2}};
    tuning.settings.refused = {{{"net.ipv4.tcp_tw_recycle", "1", 3}, "this kernel has no such key"}};
    tuning.changed = {
        {"teardown/orphan", {{"duration", "client c FIN_WAIT_2 60s", "15s"}}, {"net.ipv4.tcp_fin_timeout"}}};
    return tuning;
}

TEST(TuningText, SaysWhatChangedByWhichKeyAndWhatDidNot) {
    const std::string text = tuning_text(tuned(), kWide);
    EXPECT_THAT(text, HasSubstr("a.conf on kernel 6.12: 1 of 3 runs changed"));
    EXPECT_THAT(text, HasSubstr("teardown/orphan, by net.ipv4.tcp_fin_timeout"));
    EXPECT_THAT(text, HasSubstr("changed nothing here:\n  net.ipv4.tcp_sack = 1\n  net.ipv4.tcp_ecn = 1; 2 runs set it themselves\n"));
    EXPECT_THAT(text, HasSubstr("net.ipv4.tcp_tw_recycle = 1: this kernel has no such key"));
    const json all = json::parse(tuning_json(tuned()));
    EXPECT_EQ(all.at("changed_nothing").at(0).at("key"), "net.ipv4.tcp_sack");
    EXPECT_EQ(all.at("changed_nothing").at(0).at("set_by_runs"), 0);
    EXPECT_EQ(all.at("changed_nothing").at(1).at("set_by_runs"), 2);
}

}  // namespace
}  // namespace tcpwitness
