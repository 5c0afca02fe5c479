// What programs write: kept, bounded, and complete before their end is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <csignal>

#include "actors/output_reader.hh"
#include "test_actor.hh"

namespace tcpwitness {
namespace {

using testing::HasSubstr;

class ActorOutputTest : public testing::Test {
  protected:
    NothingLeft nothing_left_;
    boost::asio::io_context context_;
};

TEST_F(ActorOutputTest, BothStreamsAreReadToTheEndBeforeTheExit) {
    TestActor program(context_, program_options({"sh", "-c", "echo out; echo err >&2; exit 1"}));
    EXPECT_EQ(program.exit().exit_status, 1);
    EXPECT_EQ(program.output, "out\n");
    EXPECT_EQ(program.error, "err\n");
    EXPECT_EQ(program.order.back(), "exited");
}

TEST_F(ActorOutputTest, AShortOutputIsWhole) {
    TestActor program(context_, program_options({"sh", "-c", "head -c 130000 /dev/zero | tr '\\0' x"}));
    program.exit();
    EXPECT_TRUE(program.output == std::string(130000, 'x')) << program.output.size();
}

TEST_F(ActorOutputTest, ALongOutputKeepsItsBeginningAndItsEnd) {
    TestActor program(context_,
                      program_options({"sh", "-c", "echo first; head -c 5000000 /dev/zero | tr '\\0' x; echo last"}));
    program.exit();
    const size_t all = 6 + 5000000 + 5;
    EXPECT_TRUE(program.output.starts_with("first\nxxx"));
    EXPECT_TRUE(program.output.ends_with("xxxlast\n"));
    const size_t mark = program.output.find("[...");
    ASSERT_NE(mark, std::string::npos);
    EXPECT_EQ(program.output.substr(mark - 1, program.output.find(']', mark) + 2 - (mark - 1)),
              "\n[... " + std::to_string(all - 2 * OutputReader::kKept) + " bytes left out ...]\n");
    EXPECT_LT(program.output.size(), 2 * OutputReader::kKept + 100);
}

TEST_F(ActorOutputTest, TheExitDoesNotWaitForADescendantThatKeepsThePipe) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    {
        TestActor program(context_, program_options({"sh", "-c", "(trap '' HUP; sleep 100) & echo gone"}));
        program.exit();
        EXPECT_EQ(program.output, "gone\n");
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace tcpwitness
