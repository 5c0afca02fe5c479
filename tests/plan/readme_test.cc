// Every example in cases/README.md is a case, or a part of one, that parses and plans.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file_descriptor.hh"
#include "case/case_parser.hh"
#include "example_machine.hh"
#include "plan/case_files.hh"
#include "plan/planner.hh"

namespace tcpwitness {
namespace {

const std::string kFile = TCPWITNESS_SOURCE_DIR "/cases/README.md";

const std::string kFirstSteps =
    "  - server: l = socket()\n"
    "  - server: bind(l, :7000)\n"
    "  - server: listen(l, 8)\n"
    "  - client: c = socket()\n"
    "  - client: connect(c, server:7000)\n"
    "  - server: s = accept(l)\n";

std::vector<std::string> yaml_blocks(const std::string& text) {
    const std::string opening = "```yaml\n";
    std::vector<std::string> blocks;
    for (size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
        at += opening.size();
        blocks.push_back(text.substr(at, text.find("```", at) - at));
    }
    return blocks;
}

std::string indented(const std::string& list) {
    std::string result = "  ";
    for (const char letter : list) {
        result += letter;
        if (letter == '\n') result += "  ";
    }
    return result + "\n";
}

// A part of a case goes on from the opening of a connection.
std::string completed(const std::string& block) {
    if (block.starts_with("case:")) return block;
    if (block.starts_with("- ")) return "case: example\nsteps:\n" + kFirstSteps + indented(block);
    const std::string head = "case: example\n";
    const size_t steps = block.find("steps:\n");
    if (steps == std::string::npos) return head + block + "steps:\n" + kFirstSteps;
    return head + block.substr(0, steps) + "steps:\n" + kFirstSteps + block.substr(steps + 7);
}

TEST(Readme, EveryExampleParsesAndPlans) {
    const std::vector<std::string> blocks = yaml_blocks(read_file(kFile));
    EXPECT_GE(blocks.size(), 20U);
    for (const std::string& block : blocks) {
        Diagnostics diagnostics;
        const std::optional<Case> parsed = parse_case(completed(block), kFile, diagnostics);
        EXPECT_EQ(diagnostics.to_text(), "") << completed(block);
        if (!parsed) continue;
        for (const std::string kernel : {"5.10.0", "6.18.0"}) {
            EXPECT_FALSE(make_plans(*parsed, example_machine(kernel), {}, diagnostics).empty());
            EXPECT_EQ(diagnostics.to_text(), "") << block;
        }
    }
}

TEST(Readme, ABrokenExampleWouldBeNoticed) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse_case(completed("- client: sendd(c, 1)\n"), kFile, diagnostics));
    EXPECT_NE(diagnostics.to_text().find("did you mean 'send'"), std::string::npos);
}

TEST(Readme, NamesEveryShippedCaseInItsReadingOrder) {
    const std::string folder = TCPWITNESS_SOURCE_DIR "/cases/";
    const std::string text = read_file(kFile);
    size_t shipped = 0;
    for (const std::string& file : case_files({folder})) {
        const std::string name = std::filesystem::path(file).lexically_relative(folder).string();
        if (name.starts_with("self/")) continue;
        ++shipped;
        EXPECT_NE(text.find("](" + name + ")"), std::string::npos) << name;
    }
    EXPECT_GE(shipped, 150U);
}

}  // namespace
}  // namespace tcpwitness
