#include "approved.hh"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file_descriptor.hh"

namespace tcpwitness {

void expect_approved(const std::string& name, const std::string& text) {
    const std::string path = std::string(TCPWITNESS_SOURCE_DIR) + "/tests/report/approved/" + name;
    const char* approve = std::getenv("TCPWITNESS_APPROVE");
    if (approve != nullptr && std::string(approve) == "1") return write_file(path, text);
    ASSERT_TRUE(std::filesystem::exists(path)) << path << " does not exist; TCPWITNESS_APPROVE=1 writes it";
    EXPECT_EQ(read_file(path), text) << "differs from " << path << "; TCPWITNESS_APPROVE=1 writes it anew";
}

}  // namespace tcpwitness
