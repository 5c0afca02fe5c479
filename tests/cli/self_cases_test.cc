// cases/self: every case there must fail, and for the reason that its first line says.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tool.hh"

namespace tcpwitness::test {
namespace {

struct SelfCase {
    std::string name;
    int status = 0;      // that the tool must exit with
    std::string reason;  // that it must print
};

void PrintTo(const SelfCase& one, std::ostream* stream) {
    *stream << one.name;
}

SelfCase self_case(const std::filesystem::path& file) {
    const std::string text = read_file(file);
    const std::string line = text.substr(0, text.find('\n'));
    constexpr std::string_view kFails = "# fails: ";
    constexpr std::string_view kErrors = "# errors: ";
    SelfCase found{file.stem(), 0, ""};
    if (line.starts_with(kFails)) found = {file.stem(), 1, line.substr(kFails.size())};
    if (line.starts_with(kErrors)) found = {file.stem(), 3, line.substr(kErrors.size())};
    return found;
}

std::vector<SelfCase> self_cases() {
    std::vector<SelfCase> cases;
    for (const auto& entry : std::filesystem::directory_iterator(source_path("cases/self")))
        cases.push_back(self_case(entry.path()));
    std::sort(cases.begin(), cases.end(), [](const SelfCase& a, const SelfCase& b) { return a.name < b.name; });
    return cases;
}

class SelfCases : public testing::TestWithParam<SelfCase> {};

TEST_P(SelfCases, FailsForItsOwnReason) {
    const SelfCase& wanted = GetParam();
    ASSERT_NE(wanted.status, 0) << "the first line must be '# fails: TEXT' or '# errors: TEXT'";
    const ToolRun run = run_tool({"run", "--kernel", "host", "cases/self/" + wanted.name + ".yaml"});
    if (run.status == 4) GTEST_SKIP() << run.output;
    EXPECT_EQ(run.status, wanted.status) << run.output << run.error;
    EXPECT_NE(in_one_line(run.output).find(wanted.reason), std::string::npos) << "expected: " << wanted.reason << "\n"
                                                                              << run.output;
}

INSTANTIATE_TEST_SUITE_P(Cases, SelfCases, testing::ValuesIn(self_cases()),
                         [](const auto& one) { return one.param.name; });

TEST(SelfCaseReasons, NoTwoAreTheSame) {
    std::map<std::string, std::string> reasons;
    for (const SelfCase& one : self_cases()) {
        const auto [other, is_new] = reasons.try_emplace(one.reason, one.name);
        EXPECT_TRUE(is_new) << one.name << " and " << other->second << ": " << one.reason;
    }
}

TEST(SelfCaseReasons, AreNotRunWithTheOthers) {
    const ToolRun run = run_tool({"list", "--kernel", "host", "cases"});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.output.find("cases/self/"), std::string::npos);
}

}  // namespace
}  // namespace tcpwitness::test
