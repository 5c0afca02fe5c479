#include "base/diagnostics.hh"

#include <gtest/gtest.h>

namespace tcpwitness {
namespace {

TEST(Diagnostics, ShowsEveryMistakeOnceInTheOrderOfTheFile) {
    Diagnostics diagnostics;
    diagnostics.add({"a.yaml", 9, 3}, "second");
    diagnostics.add({"a.yaml", 2, 1}, "first", "did you mean 'x'?");
    diagnostics.add({"a.yaml", 9, 3}, "second");
    EXPECT_EQ(diagnostics.to_text(),
              "a.yaml:2:1: error: first\n    did you mean 'x'?\na.yaml:9:3: error: second\n");
}

TEST(Diagnostics, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest_word("sysctls", {"steps", "sysctl", "states"}), "sysctl");
    EXPECT_EQ(nearest_word("zzz", {"steps", "sysctl"}), "");
}

}  // namespace
}  // namespace tcpwitness
