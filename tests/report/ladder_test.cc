#include "report/ladder.hh"

#include <gtest/gtest.h>

#include <random>

#include "approved.hh"
#include "told_run.hh"

namespace tcpwitness {
namespace {

std::string draw(const ToldRun& story, const Style& style, const LadderWindow& window = {}) {
    return ladder(story.plan, story.timeline, style, window);
}

bool only_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

// Anything that can be in a timeline, in no sensible order and with awkward names.
ToldRun random_story(uint32_t seed) {
    std::mt19937 random(seed);
    const auto pick = [&random](int most) { return static_cast<int>(random() % static_cast<uint32_t>(most)); };
    const std::vector<std::string> words{
        "c", "a rather long name of a socket", "名前", "\x1b[31m", "e\u0301\u0301", "bad\xff", ""};
    ToldRun story;
    story.plan.programs.push_back({.name = "a second program", .host = "server"});
    for (int i = 0; i < 4; ++i) {
        story.socket(pick(2) != 0 ? "client" : "server", words[static_cast<size_t>(pick(7))], "10.0.1.1:40112",
                     "10.0.2.2:7000");
    }
    for (int i = 0; i < 60; ++i) {
        story.after(pick(4) == 0 ? pick(3000000) : pick(2000));
        const std::string word = words[static_cast<size_t>(pick(7))];
        switch (pick(12)) {
            case 0:
            case 1:
                story.state(pick(4), static_cast<TcpState>(pick(11)), static_cast<Source>(pick(4)),
                            pick(3) == 0 ? word : "");
                break;
            case 2:
                story.call("client: connect(" + word + ", server:7000)", pick(2) - 1, pick(40), pick(5000) - 200);
                break;
            case 3:
                story.call("a second program: send(" + word + word + word + word + ", 1000)", 1000).done();
                break;
            case 4:
                story.forged(pick(2) != 0, static_cast<uint8_t>(pick(64)), random(), random());
                break;
            case 5:
                story.event(FaultFired{pick(4), word, pick(3), story.make(true, 0x10, 0, 0, 0)});
                break;
            case 6:
                story.event(PacketSeen{pick(2) != 0 ? "client" : "path", "eth0", Direction::arrived,
                                       "ICMP " + word + word + word, ""});
                break;
            case 7:
                story.step("await: " + word + word + word + word, AwaitStep{})
                    .done(static_cast<StepOutcome>(pick(5)), word + " " + word);
                break;
            case 8:
                story.event(ProgramExited{word, pick(3), pick(70), false});
                break;
            case 9:
                story.event(RecordsLost{word, pick(1000)});
                break;
            default:
                story.segment(pick(2) != 0, static_cast<uint8_t>(pick(64)), random(), random(),
                              static_cast<uint32_t>(pick(3000)), pick(4000) - 500);
        }
    }
    if (pick(2) != 0) story.end();
    return story;
}

TEST(Ladder, FourWayCloseIsAsApproved) {
    expect_approved("four_way_close.80.txt", draw(four_way_close(), {.width = 80}));
    expect_approved("four_way_close.160.txt", draw(four_way_close(), {.width = 160}));
    expect_approved("four_way_close.80.ascii.txt", draw(four_way_close(), {.width = 80, .utf8 = false}));
    expect_approved("four_way_close.60.txt", draw(four_way_close(), {.width = 60}));
}

TEST(Ladder, BadLineIsAsApproved) {
    expect_approved("bad_line.80.txt", draw(bad_line(), {.width = 80}));
    expect_approved("bad_line.160.txt", draw(bad_line(), {.width = 160}));
    expect_approved("bad_line.160.ascii.txt", draw(bad_line(), {.width = 160, .utf8 = false}));
}

TEST(Ladder, ManyRandomTimelinesKeepToTheirWidth) {
    for (uint32_t seed = 0; seed < 12; ++seed) {
        const ToldRun story = random_story(seed);
        for (const int width : {60, 72, 80, 120, 160, 201}) {
            for (const bool utf8 : {true, false}) {
                const std::string text = draw(story, {.width = width, .utf8 = utf8});
                for (const std::string& line : split_lines(text))
                    ASSERT_LE(display_width(line), width) << "seed " << seed << "\n" << line;
                ASSERT_TRUE(utf8 || only_ascii(text)) << "seed " << seed;
            }
        }
    }
}

TEST(Ladder, ColourStrippedIsThePlainLadder) {
    for (uint32_t seed = 0; seed < 8; ++seed) {
        const ToldRun story = random_story(seed);
        for (const int width : {80, 160}) {
            const std::string coloured = draw(story, {.width = width, .colour = true});
            EXPECT_NE(coloured.find('\x1b'), std::string::npos);
            EXPECT_EQ(strip_colour(coloured), draw(story, {.width = width}));
        }
    }
}

TEST(Ladder, NarrowerThanTheNarrowestIsDrawnAsThat) {
    EXPECT_EQ(draw(four_way_close(), {.width = 20}), draw(four_way_close(), {.width = kNarrowestLadder}));
}

TEST(Ladder, AnEmptyTimelineHasNone) {
    EXPECT_EQ(draw(ToldRun{}, {}), "");
}

TEST(Ladder, AWindowShowsTheRowsAroundAnEventAndSaysWhatIsLeftOut) {
    const ToldRun story = four_way_close();
    size_t event = 0;
    while (!std::holds_alternative<SegmentSeen>(story.timeline.events[event].body)) ++event;
    const std::vector<std::string> lines = split_lines(draw(story, {}, {{event}, 1, 1}));
    EXPECT_NE(lines[1].find("rows not shown"), std::string::npos);
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("▸"); }),
              2)
        << "the call and the segment of one row";
    EXPECT_NE(lines.back().find("rows not shown"), std::string::npos);
    EXPECT_LE(lines.size(), 8U);
}

TEST(Ladder, AnEventThatNoRowShowsMarksTheNextRow) {
    ToldRun story = four_way_close();
    size_t end = 0;
    for (size_t i = 0; i < story.timeline.events.size(); ++i) {
        if (std::holds_alternative<StoryEnded>(story.timeline.events[i].body)) end = i;
    }
    EXPECT_NE(draw(story, {}, {{end}, 1, 1}).find("▸ 60.659241      CLOSED"), std::string::npos);
}

TEST(Ladder, WhatComesAfterTheStoryIsNotShown) {
    ToldRun story = four_way_close();
    const std::string before = draw(story, {});
    story.after(100).segment(true, tcp_flag::kRst, 5, 0);
    EXPECT_EQ(draw(story, {}), before);
}

TEST(Ladder, SeveralConnectionsAreNamed) {
    ToldRun story;
    story.socket("client", "c", "10.0.1.1:40112", "10.0.2.2:7000");
    story.segment(true, tcp_flag::kSyn, 0, 0);
    story.client_address = "10.0.1.1:40113";
    story.after(5000).segment(true, tcp_flag::kSyn, 0, 0);
    const std::string text = draw(story, {});
    EXPECT_NE(text.find("─ c SYN seq=0 ─"), std::string::npos) << text;
    EXPECT_NE(text.find("─ :40113 SYN seq=0 ─"), std::string::npos) << text;
}

TEST(Ladder, ProgramsOfOneHostAreNamed) {
    ToldRun story;
    story.plan.programs.push_back({.name = "second", .host = "server"});
    story.call("second: bind(l, :7000)", -1, EADDRINUSE);
    EXPECT_NE(draw(story, {}).find("second: bind(l, :7000) = EADDRINUSE │"), std::string::npos);
}

TEST(Ladder, ACallThatNeverReturnedSaysSo) {
    ToldRun story;
    story.call("client: recv(c)", 0, 0, -1).after(3000000).done(StepOutcome::timed_out, "");
    const std::string text = draw(story, {});
    EXPECT_NE(text.find("recv(c) = ..."), std::string::npos) << text;
    EXPECT_NE(text.find("3 s"), std::string::npos) << text;
    EXPECT_NE(text.find("client: recv(c): timed out"), std::string::npos) << text;
}

TEST(Ladder, AnIcmpErrorIsOneArrow) {
    ToldRun story;
    PacketSeen packet{"server", "eth0", Direction::sent, "ICMP port unreachable", ""};
    story.event(packet).after(20);
    packet.host = "client";
    packet.direction = Direction::arrived;
    story.event(packet);
    const std::vector<std::string> lines = split_lines(draw(story, {}));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[1].find("│◄─"), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("─┤"), std::string::npos) << lines[1];
}

TEST(Ladder, ACopyAndADamagedSegmentAreSaidToBe) {
    ToldRun story;
    story.segment(true, tcp_flag::kSyn, 0, 0);
    SegmentSeen copy{"server", "eth0", Direction::arrived, story.make(true, tcp_flag::kSyn, 0, 0, 0)};
    story.after(3000).event(copy);
    EXPECT_NE(draw(story, {}).find(" copy ┄"), std::string::npos) << draw(story, {});
}

}  // namespace
}  // namespace tcpwitness
