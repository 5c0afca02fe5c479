// A program run as a child of this process that never outlives it: the kernel kills it when the thread that started it
// ends, however that ends.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.hh"
#include "guest/deadline.hh"

namespace tcpwitness::guest {

struct ChildOptions {
    std::filesystem::path directory;              // where it starts; empty: where this process is
    std::vector<std::string> environment;         // NAME=value to add or replace
    int standard_output = -1;                     // a descriptor; -1: /dev/null
    int standard_error = -1;
    std::vector<int> inherited;                   // more descriptors that it gets, under the same numbers
};

class ChildProcess {
  public:
    // Starts `program` (a path or a name on PATH). Throws Error when it cannot be started.
    ChildProcess(const std::string& program, const std::vector<std::string>& arguments, const ChildOptions& options);
    ~ChildProcess();  // kills it when it still runs, and reaps it
    ChildProcess(ChildProcess&&) noexcept;

    int pid() const;
    // Readable once the process has ended.
    int pidfd() const { return pidfd_.get(); }
    // Waits until the process ends; nothing when it has not by `deadline`.
    std::optional<int> wait(Deadline deadline);
    void kill();

  private:
    struct State;
    std::unique_ptr<State> state_;
    FileDescriptor pidfd_;
};

struct CommandResult {
    int status = 0;      // exit status; 128 + signal number when a signal ended it
    std::string output;
    std::string error;
};

// Runs a program to its end and gives what it wrote. Throws Error when it cannot be started or is not done in time.
CommandResult run_command(const std::string& program, const std::vector<std::string>& arguments,
                          const ChildOptions& options, std::chrono::seconds limit);

}  // namespace tcpwitness::guest
