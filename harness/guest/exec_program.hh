// Running any program in a guest: the request's and the reply's form, and the agent's side of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tcpwitness::guest {

constexpr std::string_view kExecKind = "exec";

struct ExecRequest {
    std::vector<std::string> arguments;    // the program first
    std::vector<std::string> environment;  // NAME=value
    std::string input;                     // its standard input
};

struct ExecResult {
    int status = 0;      // as a shell gives it: exit status, or 128 + signal number
    std::string output;  // what it wrote on standard output and standard error
    std::string error;
};

std::string exec_request_to_bytes(const ExecRequest& request);
ExecRequest exec_request_from_bytes(std::string_view bytes);
std::string exec_result_to_bytes(const ExecResult& result);
ExecResult exec_result_from_bytes(std::string_view bytes);  // throws Error when damaged

// Runs the program of the request here, to its end, in this process's root. A program that cannot be started has status
// 127 (126 when it is not executable) and the reason on its standard error. Throws SystemError.
std::string exec_program(std::string_view request);

}  // namespace tcpwitness::guest
