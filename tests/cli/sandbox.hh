// Sandbox: a part of a test in user (when not root), PID, mount and network namespaces of its own, with an empty /tmp
// and /dev/shm and a /proc that shows nobody else. Whatever is found in it was made by what is tested.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace tcpwitness::test {

// Runs `body` as process 1 of the sandbox and returns what it returned: what is wrong, empty when nothing is.
// An exception thrown by it is returned as its text.
std::string in_sandbox(const std::function<std::string()>& body);

// Inside: what there is besides process 1 itself.
struct Traces {
    std::vector<std::string> processes;   // "17 tcp_actor"
    std::vector<std::string> namespaces;  // network namespaces of processes and descriptors: "net:[4026532281]"
    std::string links;                    // of this namespace
    std::string mounts;                   // /proc/self/mountinfo
    std::vector<std::string> files;       // in /tmp, /dev/shm and the working folder
};

Traces traces();

// What `now` has that `before` had not: one line for each; empty when they are the same.
std::string difference(const Traces& before, const Traces& now);

// Reaps until there is no child of process 1 left. False when some are there still after `limit`.
bool all_gone_within(std::chrono::milliseconds limit);

// The processes, by their number in the sandbox, whose command line holds `text` (words joined by blanks).
std::vector<int> processes_with(const std::string& text);

// The number of its parent; 0 when it has ended.
int parent_of(int process);

}  // namespace tcpwitness::test
