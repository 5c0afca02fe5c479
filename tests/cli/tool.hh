// Tool: the built tcpwitness as a child of a test: what it wrote, how it ended and how long it took.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.hh"

namespace tcpwitness::test {

struct ToolOptions {
    std::string program;                   // empty: the one that was built
    std::string folder;                    // to start in; empty: the source folder
    std::optional<uid_t> user;             // to become first (with no other groups)
    std::vector<std::string> environment;  // NAME=VALUE, added
};

struct ToolRun {
    int status = -1;  // 128 + n after signal n
    std::string output;
    std::string error;
    std::chrono::nanoseconds wall{};
};

class Tool {
  public:
    explicit Tool(const std::vector<std::string>& arguments, const ToolOptions& options = {});
    ~Tool();  // kills it when it still runs
    Tool(const Tool&) = delete;
    Tool& operator=(const Tool&) = delete;

    pid_t pid() const { return pid_; }
    std::string output_so_far() const;
    ToolRun wait();

  private:
    FileDescriptor output_;
    FileDescriptor error_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    pid_t pid_ = -1;
};

ToolRun run_tool(const std::vector<std::string>& arguments, const ToolOptions& options = {});

std::string built_tool();                          // path of the tcpwitness that was built
std::string source_path(const std::string& path);  // in the source tree
std::string in_one_line(const std::string& text);  // every run of blanks and newlines is one blank
void write_case(const std::string& path, const std::string& steps, const std::string& more = {});

}  // namespace tcpwitness::test
