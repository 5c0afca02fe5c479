// The cases as an ordinary user, without sudo: the same that root runs.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "../temporary_folder.hh"
#include "tool.hh"

namespace tcpwitness::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr uid_t kNobody = 65534;

// A copy that any user can read: the source and build folders may belong to somebody.
class Rootless : public testing::Test {
  protected:
    void SetUp() override {
        chmod(folder_.path().c_str(), 0755);
        for (const char* program : {"tcpwitness", "tcp_actor"})
            fs::copy_file(std::string(TCPWITNESS_BINARY_DIR) + "/" + program, folder_ / program);
        for (const char* part : {"cases", "fixtures"})
            fs::copy(source_path(part), folder_ / part, fs::copy_options::recursive);
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
            fs::permissions(entry.path(), fs::perms::group_read | fs::perms::others_read, fs::perm_options::add);
        if (geteuid() == 0) options_.user = kNobody;
        options_.program = folder_ / "tcpwitness";
        options_.folder = folder_.path();
    }

    ToolRun run(const std::vector<std::string>& arguments) const { return run_tool(arguments, options_); }

    json run_json(const std::vector<std::string>& paths) const {
        std::vector<std::string> arguments{"run", "--kernel", "host", "--format", "json"};
        arguments.insert(arguments.end(), paths.begin(), paths.end());
        const ToolRun ended = run(arguments);
        EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
        return json::parse(ended.output);
    }

    TemporaryFolder folder_;
    ToolOptions options_;
};

TEST_F(Rootless, RunsTheShippedCases) {
    const ToolRun ended = run({"run", "--kernel", "host", "cases", "-k", "not 2msl"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
    EXPECT_NE(ended.output.find(", rootless"), std::string::npos);
    EXPECT_NE(ended.output.find(" 0 failed"), std::string::npos) << ended.output;
}

TEST_F(Rootless, RunsProgramsThatNobodyHereWrote) {
    const json report = run_json({"cases/programs"});
    EXPECT_EQ(report.at("summary").at("passed"), 2) << report.at("summary");
}

TEST_F(Rootless, SaysSoInDoctor) {
    const ToolRun ended = run({"doctor", "cases"});
    EXPECT_EQ(ended.status, 0) << ended.error;
    EXPECT_NE(ended.output.find("not root"), std::string::npos) << ended.output;
    EXPECT_NE(ended.output.find("state tracer"), std::string::npos) << ended.output;
}

TEST_F(Rootless, StillFailsWhatMustFail) {
    const ToolRun ended = run({"run", "--kernel", "host", "cases/self/errno.yaml", "cases/self/wire.yaml", "cases/self/check.yaml"});
    EXPECT_EQ(ended.status, 1) << ended.output << ended.error;
    EXPECT_NE(ended.output.find("0 passed, 3 failed, 0 skipped"), std::string::npos) << ended.output;
}

// What was not seen as it happened says so: in the ladder, and in the verdict of a case that needs more.
TEST_F(Rootless, LabelsWhatIsInferred) {
    fs::create_directory(folder_ / "out");
    chmod((folder_ / "out").c_str(), 0777);
    const ToolRun ended = run({"run", "--kernel", "host", "cases/teardown/server_first.yaml", "--family", "ipv4", "--out", "out"});
    EXPECT_EQ(ended.status, 0) << ended.output << ended.error;
    const ToolRun shown = run({"show", "out/records/teardown.server_first[ipv4].json"});
    EXPECT_EQ(shown.status, 0) << shown.output << shown.error;
}

}  // namespace
}  // namespace tcpwitness::test
