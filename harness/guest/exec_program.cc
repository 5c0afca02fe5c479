#include "guest/exec_program.hh"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/error.hh"
#include "guest/exchange.hh"
#include "guest/mapped_file.hh"

namespace tcpwitness::guest {
namespace {

std::string pack_list(const std::vector<std::string>& list) { return pack_fields({list.begin(), list.end()}); }

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> array;
    for (std::string& text : strings) array.push_back(text.data());
    array.push_back(nullptr);
    return array;
}

[[noreturn]] void become(ExecRequest request, int input, int output, int error) {
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    for (std::string& variable : request.environment) putenv(variable.data());
    const std::vector<char*> arguments = pointers(request.arguments);
    execvp(arguments[0], arguments.data());
    const int reason = errno;
    const std::string line = fmt::format("exec {}: {}\n", arguments[0], strerror(reason));
    if (write(STDERR_FILENO, line.data(), line.size()) < 0) _exit(125);
    _exit(reason == ENOENT ? 127 : 126);
}

std::string content(const FileDescriptor& file) {
    check_system(lseek(file.get(), 0, SEEK_SET), "lseek", "output");
    return read_all(file.get());
}

}  // namespace

std::string exec_request_to_bytes(const ExecRequest& request) {
    return pack_fields({pack_list(request.arguments), pack_list(request.environment), request.input});
}

ExecRequest exec_request_from_bytes(std::string_view bytes) {
    const std::vector<std::string> fields = unpack_fields(bytes);
    if (fields.size() != 3) throw Error("damaged message: not a request to run a program");
    ExecRequest request{unpack_fields(fields[0]), unpack_fields(fields[1]), fields[2]};
    if (request.arguments.empty()) throw Error("a request to run a program names no program");
    return request;
}

std::string exec_result_to_bytes(const ExecResult& result) {
    return pack_fields({std::to_string(result.status), result.output, result.error});
}

ExecResult exec_result_from_bytes(std::string_view bytes) {
    std::vector<std::string> fields = unpack_fields(bytes);
    if (fields.size() != 3) throw Error("damaged message: not the result of a program");
    return {std::stoi(fields[0]), std::move(fields[1]), std::move(fields[2])};
}

std::string exec_program(std::string_view bytes) {
    const ExecRequest request = exec_request_from_bytes(bytes);
    const FileDescriptor input = anonymous_file("input");
    const FileDescriptor output = anonymous_file("output");
    const FileDescriptor error = anonymous_file("error");
    write_all(input.get(), request.input);
    check_system(lseek(input.get(), 0, SEEK_SET), "lseek", "input");
    const pid_t child = check_system(fork(), "fork", request.arguments[0]);
    if (child == 0) become(request, input.get(), output.get(), error.get());
    int status = 0;
    check_system(waitpid(child, &status, 0), "waitpid", request.arguments[0]);
    const int shell_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return exec_result_to_bytes({shell_status, content(output), content(error)});
}

}  // namespace tcpwitness::guest
