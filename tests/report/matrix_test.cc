#include "report/matrix.hh"

#include <gtest/gtest.h>

#include "records.hh"

namespace tcpwitness {
namespace {

constexpr Style kTableStyle{.width = 120};

Record on(const std::string& place, ToldRun story = four_way_close(), Outcome outcome = Outcome::pass,
          const std::string& reason = "") {
    Record record = record_of(story, outcome, reason);
    record.plan.id += "@" + place;
    return record;
}

Matrix matrix_of(const std::vector<Record>& records) {
    Matrix matrix;
    for (const Record& record : records) matrix.add(record);
    return matrix;
}

TEST(Matrix, OnePlaceNeedsNoTable) {
    EXPECT_TRUE(matrix_of({on("6.1")}).rows().empty());
    EXPECT_EQ(matrix_text(matrix_of({on("6.1")}), kTableStyle), "");
    EXPECT_TRUE(matrix_of({record_of(four_way_close(), Outcome::pass)}).rows().empty());
}

TEST(Matrix, KernelsThatAgreeTakeOneLine) {
    const Matrix matrix = matrix_of({on("6.1"), on("6.12")});
    ASSERT_EQ(matrix.rows().size(), 1);
    EXPECT_TRUE(matrix.rows()[0].agree());
    const std::string text = matrix_text(matrix, kTableStyle);
    EXPECT_NE(text.find("same     pass  "), std::string::npos) << text;
    EXPECT_NE(text.find("1 of 1 the same on all"), std::string::npos) << text;
}

TEST(Matrix, OtherTimesAreNoDifference) {
    Record later = on("6.12");
    for (Event& event : later.timeline.events) event.at += std::chrono::milliseconds(event.at / std::chrono::seconds(1));
    EXPECT_TRUE(matrix_of({on("6.1"), later}).rows()[0].agree());
}

TEST(Matrix, TheFirstDifferentStateIsTold) {
    Record other = on("6.12");
    for (Event& event : other.timeline.events) {
        auto* change = std::get_if<StateChange>(&event.body);
        if (change != nullptr && change->to == TcpState::fin_wait_2) change->to = TcpState::closing;
    }
    const MatrixRow row = matrix_of({on("5.10"), other, on("6.1")}).rows()[0];
    ASSERT_EQ(row.groups.size(), 2);
    EXPECT_EQ(row.groups[0].places, (std::vector<std::string>{"5.10", "6.1"}));
    EXPECT_EQ(row.groups[1].places, std::vector<std::string>{"6.12"});
    EXPECT_EQ(row.groups[1].kind, "states");
    EXPECT_NE(row.groups[1].here.find("CLOSING"), std::string::npos) << row.groups[1].here;
    EXPECT_NE(row.groups[1].first.find("FIN_WAIT_2"), std::string::npos) << row.groups[1].first;
    const std::string text = matrix_text(matrix_of({on("5.10"), other, on("6.1")}), kTableStyle);
    EXPECT_NE(text.find("0 of 1 the same on all"), std::string::npos) << text;
}

TEST(Matrix, AnotherResultAndAnotherOutcomeAreTold) {
    Record other = on("6.12");
    for (Event& event : other.timeline.events) {
        if (auto* call = std::get_if<Call>(&event.body)) call->error_number = ECONNREFUSED;
    }
    EXPECT_EQ(matrix_of({on("6.1"), other}).rows()[0].groups[1].kind, "result");
    const Record skipped = on("6.12", four_way_close(), Outcome::skip, "needs netem");
    const MatrixGroup group = matrix_of({on("6.1"), skipped}).rows()[0].groups[1];
    EXPECT_EQ(group.kind, "outcome");
    EXPECT_EQ(group.first, "pass");
    EXPECT_EQ(group.here, "skip: needs netem");
}

}  // namespace
}  // namespace tcpwitness
