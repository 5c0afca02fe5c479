// Every broken case file of the corpus gives exactly the diagnostics in the file beside it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/file_descriptor.hh"
#include "case/case_parser.hh"

namespace tcpwitness {
namespace {

namespace filesystem = std::filesystem;

const std::string kFolder = TCPWITNESS_SOURCE_DIR "/tests/case/broken/";

std::vector<std::string> broken_files() {
    std::set<std::string> names;
    for (const auto& entry : filesystem::directory_iterator(kFolder)) {
        if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
    }
    return {names.begin(), names.end()};
}

std::string without_folder(std::string text) {
    for (size_t at = text.find(kFolder); at != std::string::npos; at = text.find(kFolder))
        text.erase(at, kFolder.size());
    return text;
}

class Broken : public testing::TestWithParam<std::string> {};

// TCPWITNESS_APPROVE=1 writes what the parser says now, to be read and committed.
TEST_P(Broken, TellsEveryMistake) {
    Diagnostics diagnostics;
    EXPECT_FALSE(load_case(kFolder + GetParam() + ".yaml", diagnostics));
    const std::string told = without_folder(diagnostics.to_text());
    const std::string expected_file = kFolder + GetParam() + ".expected";
    if (getenv("TCPWITNESS_APPROVE") != nullptr) write_file(expected_file, told);
    EXPECT_FALSE(told.empty());
    EXPECT_EQ(told, read_file(expected_file));
}

INSTANTIATE_TEST_SUITE_P(Corpus, Broken, testing::ValuesIn(broken_files()),
                         [](const testing::TestParamInfo<std::string>& each) { return each.param; });

}  // namespace
}  // namespace tcpwitness
