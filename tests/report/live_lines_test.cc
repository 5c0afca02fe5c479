#include "report/live_lines.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records.hh"

namespace tcpwitness {
namespace {

using testing::HasSubstr;
using testing::Not;

// A record's story as its worker tells it: event by event, with the sockets.
std::string told_live(const Record& record, size_t total, const Style& style = {.width = 100}) {
    std::string output;
    LiveLines lines(style, [&output](std::string_view text) { output += text; });
    lines.run_began({total, ""});
    for (const Event& event : record.timeline.events)
        lines.seen(record.plan, {.sockets = record.timeline.sockets, .events = {event}});
    lines.case_ended(record);
    return output;
}

Record linked_record() {
    Record record = passed_record();
    record.plan.network.links = {{.a = {.host = "client", .addresses = {{*IpAddress::parse("10.0.1.1"), 24}}},
                                  .b = {.host = "server", .addresses = {{*IpAddress::parse("10.0.2.2"), 24}}}}};
    return record;
}

TEST(LiveLines, TellWhatHappenedAsItHappened) {
    const std::string output = told_live(linked_record(), 1);
    const size_t call = output.find("client: shutdown(c, SHUT_WR) = 0"),
                 state = output.find("client c ESTABLISHED -> FIN_WAIT_1"),
                 sent = output.find("client > server: FIN ACK seq=1 ack=1, sent"),
                 arrived = output.find("FIN ACK seq=1 ack=1, arrived");
    EXPECT_LT(call, state);
    EXPECT_LT(state, sent);
    EXPECT_LT(sent, arrived);
    EXPECT_NE(arrived, std::string::npos) << output;
    EXPECT_THAT(output, Not(HasSubstr("│"))) << "no ladder of what was told";
}

TEST(LiveLines, SayWhoseTheyAreWhenThereAreSeveral) {
    EXPECT_THAT(told_live(linked_record(), 1), Not(HasSubstr("teardown/four-way")));
    EXPECT_THAT(told_live(linked_record(), 2), HasSubstr("1 teardown/four-way clo…"));
}

TEST(LiveLines, NumberWithoutItsSynIsAbsolute) {
    Record record = linked_record();
    std::erase_if(record.timeline.events, [](const Event& event) {
        const auto* seen = std::get_if<SegmentSeen>(&event.body);
        return seen != nullptr && seen->segment.has(tcp_flag::kSyn);
    });
    EXPECT_THAT(told_live(record, 1), HasSubstr("FIN ACK seq=#1000001"));
}

TEST(LiveLines, ARunThatWasNotToldIsDrawnWhenItIsOver) {
    std::string output;
    LiveLines lines({.width = 100}, [&output](std::string_view text) { output += text; });
    lines.case_ended(passed_record());
    EXPECT_THAT(output, HasSubstr("│"));
    EXPECT_THAT(output, HasSubstr("TIME_WAIT"));
}

TEST(LiveLines, KeepToTheWidth) {
    for (const std::string& line : split_lines(told_live(linked_record(), 2, {.width = 60})))
        EXPECT_LE(display_width(line), 60) << line;
}

}  // namespace
}  // namespace tcpwitness
