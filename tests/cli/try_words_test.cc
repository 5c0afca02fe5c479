#include "cli/try_words.hh"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hh"

namespace tcpwitness {
namespace {

using testing::ElementsAre;

TEST(TryWords, AreTakenApartAsInAShell) {
    EXPECT_THAT(shell_words("nginx -g 'daemon off;'"), ElementsAre("nginx", "-g", "daemon off;"));
    EXPECT_THAT(shell_words("  a  \"b c\"d '' \\\"e "), ElementsAre("a", "b cd", "", "\"e"));
    EXPECT_THAT(shell_words("\"a\\\"b\\n\" 'c\\'"), ElementsAre("a\"b\\n", "c\\"));
    EXPECT_THAT(shell_words(" "), ElementsAre());
    EXPECT_THROW(shell_words("it's"), Error);
}

TEST(TryWords, NameTheProgram) {
    EXPECT_EQ(try_program("sh -c true", "", ".").name, "sh");
    EXPECT_EQ(try_program("sh -c true", "sh", ".").name, "sh_2");
    EXPECT_EQ(try_program("/bin/sh", "", ".").words, std::vector<std::string>{"/bin/sh"});
    EXPECT_THROW(try_program("no-such-program-here", "", "."), Error);
    EXPECT_THROW(try_program("", "", "."), Error);
}

}  // namespace
}  // namespace tcpwitness
