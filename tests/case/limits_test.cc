// Files that are large, deep or damaged at random: the parser tells what is wrong and never falls.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/file_descriptor.hh"
#include "case/case_parser.hh"

namespace tcpwitness {
namespace {

const std::string kRoot = TCPWITNESS_SOURCE_DIR;

std::string mistakes_in(const std::string& content) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse_case(content, "a.yaml", diagnostics));
    return diagnostics.to_text();
}

std::string repeated(const std::string& text, size_t times) {
    std::string result;
    for (size_t i = 0; i < times; ++i) result += text;
    return result;
}

TEST(Limits, ALargeFileIsRefused) {
    EXPECT_EQ(mistakes_in("case: a\nabout: " + std::string(10 << 20, 'x') + "\n"),
              "a.yaml: error: the file has 10485776 bytes; a case file has at most 1048576\n");
}

TEST(Limits, ALargeFileOnDiskIsRefusedUnread) {
    const std::string file = testing::TempDir() + "tcpwitness_large_case.yaml";
    write_file(file, std::string(10 << 20, '#'));
    Diagnostics diagnostics;
    EXPECT_FALSE(load_case(file, diagnostics));
    EXPECT_NE(diagnostics.to_text().find("a case file has at most"), std::string::npos);
    std::filesystem::remove(file);
}

TEST(Limits, DeepNestingIsRefused) {
    for (const std::string opening : {"[", "{a: ", "- ", "? "}) {
        EXPECT_NE(mistakes_in("case: a\nsteps: " + repeated(opening, 100'000)).size(), 0U) << opening;
        EXPECT_NE(mistakes_in(repeated(opening, 1000)).size(), 0U) << opening;
    }
    std::string steps = "case: a\nsteps:\n";
    for (int depth = 1; depth < 200; ++depth) steps += std::string(static_cast<size_t>(depth), ' ') + "a:\n";
    EXPECT_NE(mistakes_in(steps + std::string(200, ' ') + "b").find("nested more than 32 deep"), std::string::npos);
}

TEST(Limits, DeepListsInACallAreRefused) {
    const std::string told = mistakes_in("case: a\nsteps:\n  - client: c = socket()\n  - client: send(c, " +
                                         repeated("{", 5000) + repeated("}", 5000) + ")\n");
    EXPECT_NE(told.find("lists are nested too deep"), std::string::npos);
}

TEST(Limits, CommonStepsThatDoubleEachOtherAreRefused) {
    std::string content = "case: a\ncommon:\n";
    for (int i = 0; i < 40; ++i) {
        content += "  s" + std::to_string(i) + ":\n";
        content += repeated("    - include: s" + std::to_string(i + 1) + "\n", 2);
    }
    content += "  s40:\n    - wait: 1ms\nsteps:\n  - include: s0\n";
    EXPECT_NE(mistakes_in(content).find("more than 5000 steps"), std::string::npos);
}

TEST(Limits, ManyValuesAreRefused) {
    EXPECT_NE(mistakes_in("case: a\ntags: [" + repeated("x, ", 30'000) + "x]\n").find("more than 20000 values"),
              std::string::npos);
}

std::vector<std::string> seed_files() {
    std::vector<std::string> contents;
    for (const char* folder : {"/cases", "/tests/case/broken"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot + folder)) {
            if (entry.path().extension() == ".yaml") contents.push_back(read_file(entry.path().string()));
        }
    }
    return contents;
}

class Mutator {
  public:
    explicit Mutator(uint32_t seed) : random_(seed) {}

    std::string mutate(std::string text) {
        const size_t changes = 1 + below(8);
        for (size_t i = 0; i < changes && !text.empty(); ++i) change(text);
        return text;
    }
    size_t below(size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random_); }

  private:
    void change(std::string& text) {
        static const std::vector<std::string> kPieces{
            "(",      ")",      "[",    "]",    "{",          "}",
            "...",    "->",     "|",    "=",    "$x",         "${",
            "$",      "\"",     "'",    ":",    ": ",         "#",
            "\n",     "\n  - ", "&a ",  "*a",   ",",          " within ",
            " when ", " else ", "2MSL", "..",   "+-",         "999999999999999999999",
            "-1",     "\t",     "\r\n", "\xff", "\xc3\xa4",   "!!str ",
            ">",      "<",      "?",    "%",    "TIME_WAIT",  "server:7000",
            "\\",     "---\n",  "0x",   "1e9s", "kernel >= 6"};
        const size_t at = below(text.size());
        switch (below(4)) {
            case 0:
                text.insert(at, kPieces[below(kPieces.size())]);
                break;
            case 1:
                text.erase(at, 1 + below(10));
                break;
            case 2:
                text[at] = static_cast<char>(below(256));
                break;
            default:
                text.insert(below(text.size()), text.substr(at, 1 + below(40)));
                break;
        }
    }

    std::mt19937 random_;
};

// Bounded and always the same: a failure here repeats.
TEST(Limits, DamagedFilesNeverMakeTheParserFall) {
    const std::vector<std::string> seeds = seed_files();
    ASSERT_GT(seeds.size(), 10U);
    Mutator mutator(20240607);
    int good = 0;
    constexpr int kRounds = 4000;
    for (int round = 0; round < kRounds; ++round) {
        Diagnostics diagnostics;
        const std::optional<Case> parsed =
            parse_case(mutator.mutate(seeds[mutator.below(seeds.size())]), kRoot + "/cases/a/b.yaml", diagnostics);
        EXPECT_EQ(parsed.has_value(), diagnostics.empty());
        good += parsed ? 1 : 0;
    }
    EXPECT_GT(good, 0);
    EXPECT_LT(good, kRounds);
}

}  // namespace
}  // namespace tcpwitness
