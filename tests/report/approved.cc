#include "approved.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file_descriptor.hh"
#include "report/text.hh"

namespace tcpwitness {

void expect_approved(const std::string& name, const std::string& text) {
    const std::string path = std::string(TCPWITNESS_SOURCE_DIR) + "/tests/report/approved/" + name;
    const char* approve = std::getenv("TCPWITNESS_APPROVE");
    if (approve != nullptr && std::string(approve) == "1") return write_file(path, text);
    ASSERT_TRUE(std::filesystem::exists(path)) << path << " does not exist; TCPWITNESS_APPROVE=1 writes it";
    const std::string approved = read_file(path);
    if (approved == text) return;
    // The first line that differs, not two whole reports.
    const std::vector<std::string> expected = split_lines(approved), observed = split_lines(text);
    size_t line = 0;
    while (line < std::min(expected.size(), observed.size()) && expected[line] == observed[line]) ++line;
    ADD_FAILURE() << path << ":" << line + 1 << " differs; TCPWITNESS_APPROVE=1 writes it anew\napproved  "
                  << (line < expected.size() ? expected[line] : "(end)") << "\nnow       "
                  << (line < observed.size() ? observed[line] : "(end)");
}

}  // namespace tcpwitness
