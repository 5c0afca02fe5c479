#include "page/picture.hh"

#include <gtest/gtest.h>

#include <algorithm>

#include "sample_records.hh"

namespace tcpwitness {
namespace {

using Part = LadderArrow::Part;

Picture picture_of(const ToldRun& story) {
    return picture_of(story.plan, story.timeline);
}

std::vector<const PictureArrow*> arrows(const Picture& picture, Part part) {
    std::vector<const PictureArrow*> found;
    for (const PictureArrow& arrow : picture.arrows) {
        if (arrow.part == part) found.push_back(&arrow);
    }
    return found;
}

TEST(Picture, EverySegmentSlantsDownFromItsSender) {
    const Picture picture = picture_of(four_way_close());
    EXPECT_EQ(picture.arrows.size(), 9U);
    for (const PictureArrow& arrow : picture.arrows) {
        EXPECT_EQ(arrow.part, Part::whole) << arrow.label;
        EXPECT_GT(arrow.bottom, arrow.top) << arrow.label;
        EXPECT_EQ(arrow.events.size(), 2U) << "its sending and its arrival";
    }
    EXPECT_EQ(picture.arrows.front().label, "SYN seq=0");
    EXPECT_EQ(picture.arrows.front().details, "SYN seq=0 win=64240 mss=1460 ws=7");
}

TEST(Picture, ASegmentThatTakesLongIsOneArrow) {
    const Picture picture = picture_of(bad_line());
    EXPECT_TRUE(arrows(picture, Part::departs).empty());
    EXPECT_TRUE(arrows(picture, Part::arrives).empty());
    EXPECT_EQ(picture.arrows.front().travelled, std::chrono::microseconds(100020));
    EXPECT_GT(picture.arrows.front().bottom - picture.arrows.front().top, 40) << "the wait is folded within it";
}

TEST(Picture, TellsLostFromForged) {
    const Picture picture = picture_of(bad_line());
    ASSERT_EQ(arrows(picture, Part::lost).size(), 1U);
    EXPECT_EQ(arrows(picture, Part::lost).front()->fate, "drop");
    ASSERT_EQ(arrows(picture, Part::forged).size(), 1U);
    EXPECT_EQ(arrows(picture, Part::forged).front()->fate, "forged");
    EXPECT_EQ(arrows(picture_of(four_way_close()), Part::lost).size(), 0U);
}

TEST(Picture, BandsOfASocketFollowEachOtherWithoutAGap) {
    const Picture picture = picture_of(four_way_close());
    std::vector<const PictureBand*> bands;
    for (const PictureBand& band : picture.bands) {
        if (band.socket == "c") bands.push_back(&band);
    }
    ASSERT_EQ(bands.size(), 6U);
    EXPECT_TRUE(bands.front()->first);
    for (size_t i = 1; i < bands.size(); ++i) {
        EXPECT_EQ(bands[i]->top, bands[i - 1]->bottom);
        EXPECT_FALSE(bands[i]->first);
    }
    EXPECT_EQ(bands[4]->state, TcpState::time_wait);
    EXPECT_GT(*bands[4]->lasted, std::chrono::seconds(60));
    EXPECT_EQ(bands.back()->state, TcpState::closed);
    EXPECT_FALSE(bands.back()->lasted);
}

TEST(Picture, SocketsThatLiveAtOnceHaveLanesOfTheirOwn) {
    const Picture picture = picture_of(four_way_close());
    EXPECT_EQ(picture.lanes[0], 1);
    EXPECT_EQ(picture.lanes[1], 2) << "the listener and the socket it accepted";
    const auto lane = [&](const std::string& socket) {
        return std::find_if(picture.bands.begin(), picture.bands.end(),
                            [&](const auto& band) { return band.socket == socket; })
            ->lane;
    };
    EXPECT_NE(lane("l"), lane("s"));
}

TEST(Picture, AMinuteIsFoldedAndItsLengthSaid) {
    const Picture picture = picture_of(four_way_close());
    const bool minute = std::any_of(picture.folds.begin(), picture.folds.end(),
                                    [](const PictureFold& fold) { return fold.wait > std::chrono::seconds(60); });
    EXPECT_TRUE(minute);
    EXPECT_LT(picture.end, 1200);
}

TEST(Picture, CallsStandAtTheirSide) {
    const Picture picture = picture_of(four_way_close());
    const auto call = std::find_if(picture.notes.begin(), picture.notes.end(),
                                   [](const PictureNote& note) { return note.text == "recv(s)"; });
    ASSERT_NE(call, picture.notes.end());
    EXPECT_EQ(call->side, Side::right);
    EXPECT_EQ(call->result, " = 0");
}

TEST(Picture, OfNothingIsEmpty) {
    const Picture picture = picture_of(Plan{}, Timeline{});
    EXPECT_TRUE(picture.arrows.empty());
    EXPECT_TRUE(picture.bands.empty());
}

}  // namespace
}  // namespace tcpwitness
