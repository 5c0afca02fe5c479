// run_case: runs cases with the installed tcpwitness and gives what was observed as plain values, for tests in C++:
//
//     for (const tcpwitness::CaseRun& run : tcpwitness::run_case("cases/refused.yaml")) {
//         if (run.outcome == tcpwitness::Outcome::skipped) GTEST_SKIP() << run.reason;
//         ASSERT_EQ(run.outcome, tcpwitness::Outcome::passed) << run.failure;
//         EXPECT_EQ(run.socket("client", "c").states(), (std::vector<std::string>{"SYN_SENT", "CLOSED"}));
//     }
//
// Needs C++17, Linux and nlohmann_json; nothing is linked but the CMake target tcpwitness::api.
// Times are nanoseconds since the run's start, on the clock of the kernel that it was made on.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tcpwitness {

// --- what is asked for ---

struct RunOptions {
    // As `tcpwitness run --kernel`: "host", "newest", a series like "6.12", a list of these. Empty: this machine's
    // kernel where that can show all the case asks, else a guest's.
    std::string kernel;
    std::optional<std::uint64_t> seed;   // of everything random in a run; absent: 1
    std::string family;                  // "ipv4" or "ipv6": only runs over it; empty: both
    std::vector<std::string> arguments;  // more arguments of `tcpwitness run`; not --out and not --format
    // The tcpwitness to run. Empty: that of the environment variable TCPWITNESS_PROGRAM, else the installed one that
    // find_package(tcpwitness) found, else the one in PATH.
    std::string program;
};

// --- what is given back ---

enum class Outcome {
    passed,
    failed,   // an expectation does not hold; CaseRun::failure explains it
    skipped,  // this machine cannot show what the case asks; CaseRun::reason says why. Neither passed nor failed.
    error,    // the harness, a guest or a fault of the path broke, and the run says nothing about the case
};

// "passed", "failed", "skipped", "error"; in messages of GoogleTest too.
inline const char* to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "passed";
        case Outcome::failed:
            return "failed";
        case Outcome::skipped:
            return "skipped";
        case Outcome::error:
            return "error";
    }
    return "?";
}

inline std::ostream& operator<<(std::ostream& stream, Outcome outcome) {
    return stream << to_string(outcome);
}

// A stay of a socket in a state.
struct StateSpan {
    std::string state;  // as RFC 9293 has it, with underscores: "SYN_SENT", "FIN_WAIT_1", "TIME_WAIT"
    std::chrono::nanoseconds at{};
    std::optional<std::chrono::nanoseconds> ended;  // absent: still in it when the story ended
    bool inferred = false;  // not itself seen: it follows from what was seen before and after (runs without BPF)
};

// One TCP socket through its whole life, from the SYN or listen() to the end of TIME_WAIT.
struct Socket {
    std::string host;                   // "client" or "server"
    std::string program;                // who made it; empty: not known
    std::string name;                   // as the case calls it ("c"); empty: the case has no name for it
    std::string local;                  // last known: "10.0.1.1:40112", "[2001:db8::1]:80"
    std::optional<std::string> remote;  // absent for listeners and sockets that never connected
    std::vector<StateSpan> spans;       // in the order of time, up to the end of the story

    // The names of the states alone: {"SYN_SENT", "ESTABLISHED", ...}.
    std::vector<std::string> states() const {
        std::vector<std::string> names;
        for (const StateSpan& span : spans) names.push_back(span.state);
        return names;
    }
};

// A sequence number, counted from the initial one of the end that sends these bytes (its SYN is 0).
struct SequenceNumber {
    std::int64_t value = 0;
    bool absolute = false;  // no SYN of that end was seen before: the number is the one on the wire
};

// A segment and its way through the network.
struct Segment {
    std::string from;  // host that sent it or, of a forged one, seems to; empty: no host has that address
    std::string to;
    std::string source;       // address and port
    std::string destination;  // address and port
    std::string flags;        // as in cases: "SYN", "SYN ACK", "FIN ACK"
    SequenceNumber seq;
    std::optional<SequenceNumber> ack;                // absent without ACK
    std::int64_t len = 0;                             // bytes of payload
    bool again = false;                               // all that it carries had been sent before: a retransmission
    std::optional<std::chrono::nanoseconds> sent;     // given to the link; absent: forged
    std::optional<std::chrono::nanoseconds> arrived;  // at the other host's link; absent: lost
    bool lost = false;                                // did not arrive before the watching ended, or corrupted
    bool forged = false;                              // made by the path
    bool copy = false;       // made by the path from a segment that was sent once; `sent` is when that was
    bool corrupted = false;  // arrived with a bad checksum
};

// A system call of one of the case's programs.
struct Call {
    std::string program;
    std::string text;         // as in the case: "c = socket()", "connect(c, server:7000)"
    std::int64_t result = 0;  // -1 on an error
    int error_number = 0;     // an errno value; 0: none
    std::string output;       // what it gave back besides the result: an address, an option's value
    std::chrono::nanoseconds began{};
    std::optional<std::chrono::nanoseconds> ended;  // absent: it never returned

    // How long it took; absent: it never returned.
    std::optional<std::chrono::nanoseconds> duration() const {
        if (!ended) return std::nullopt;
        return *ended - began;
    }
};

// One run of a case: what became of it and what was observed. A case with rows, families or kernels has several.
struct CaseRun {
    std::string id;    // the file and the variant: "refused", "teardown/four_way_close[ipv6]"
    std::string name;  // for people: the folder, the title and the variant
    Outcome outcome = Outcome::error;
    std::string reason;             // of a skip or an error, or the first failure in one sentence
    std::string failure;            // the whole explanation, as `run` prints it; empty when passed or skipped
    std::string where;              // the machine and the user: "kernel 6.12.94, root"
    std::string kernel;             // release; empty when nothing ran
    std::string repeat;             // the command that repeats the run
    std::vector<Socket> sockets;    // empty when nothing ran, like the next two
    std::vector<Segment> segments;  // in the order of sending
    std::vector<Call> calls;        // in the order of their beginnings
    nlohmann::json record;          // the whole record, as `run --out` writes it: plan, timeline and verdict

    // The socket that the case calls `socket_name` in `program`: socket("client", "c").
    // Throws std::out_of_range when there is none.
    const Socket& socket(const std::string& program, const std::string& socket_name) const {
        for (const Socket& candidate : sockets) {
            if (candidate.program == program && candidate.name == socket_name) return candidate;
        }
        throw std::out_of_range(name + ": no socket " + program + " " + socket_name);
    }

    // The first call of `program` whose text begins with `text`: call("client", "connect(c").
    // Throws std::out_of_range when there is none.
    const Call& call(const std::string& program, const std::string& text) const {
        for (const Call& candidate : calls) {
            if (candidate.program == program && candidate.text.rfind(text, 0) == 0) return candidate;
        }
        throw std::out_of_range(name + ": no call " + text + " of " + program);
    }
};

// Runs the cases that `path` stands for - a file, one run of a file ("FILE[VARIANT]") or a folder - and gives their
// runs in the order of their names. A relative path is one of the working folder. Records stand in a temporary folder
// that is gone when this returns. A process that is killed meanwhile leaves the folder, but nothing that runs.
// Throws std::runtime_error with what the program said when there are no runs to speak of: no such file, a mistake in a
// case, nothing selected, a kernel that is not there, an error of the harness before the first run, a signal.
// Runs that failed, were skipped or broke throw nothing: CaseRun::outcome says so.
inline std::vector<CaseRun> run_case(const std::string& path, const RunOptions& options = {});

// --- how it does that ---

namespace detail {

using Json = nlohmann::json;

// A folder of its own, gone with it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tcpwitness-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("mkdtemp " + pattern + ": " + std::strerror(errno));
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline std::string program_to_run(const RunOptions& options) {
    if (!options.program.empty()) return options.program;
    const char* wanted = std::getenv("TCPWITNESS_PROGRAM");
    if (wanted != nullptr && *wanted != '\0') return wanted;
#ifdef TCPWITNESS_INSTALLED_PROGRAM
    return TCPWITNESS_INSTALLED_PROGRAM;
#else
    return "tcpwitness";
#endif
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path.string() + " cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

struct Ended {
    int status = 0;  // the exit status, 128 + n after signal n
    std::string output;
    std::string error;
};

// One end of a pipe, closed with it.
class PipeEnd {
  public:
    explicit PipeEnd(int descriptor) : descriptor_(descriptor) {}
    ~PipeEnd() { close_now(); }
    PipeEnd(const PipeEnd&) = delete;
    PipeEnd& operator=(const PipeEnd&) = delete;

    int get() const { return descriptor_; }
    void close_now() {
        if (descriptor_ >= 0) close(descriptor_);
        descriptor_ = -1;
    }

  private:
    int descriptor_;
};

inline void put(const char* path, int flags, int place) {
    constexpr mode_t kMode = 0600;
    const int file = open(path, flags, kMode);
    if (file < 0 || dup2(file, place) < 0) return;
    if (file != place) close(file);
}

// In the child: no call here may take a lock that another thread of the parent could have held. The program is killed
// when the thread that made it is gone; one that was gone before is known by the pipe that nobody reads.
[[noreturn]] inline void become_program(char** arguments, const char* output, const char* error, int report) {
    constexpr int kToWrite = O_WRONLY | O_CREAT | O_TRUNC;
    put("/dev/null", O_RDONLY, STDIN_FILENO);
    put(output, kToWrite, STDOUT_FILENO);
    put(error, kToWrite, STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pollfd unread{report, POLLOUT, 0};
    const bool alone = poll(&unread, 1, 0) > 0 && (unread.revents & POLLERR) != 0;
    if (!alone) execvp(arguments[0], arguments);
    const int failed = errno;
    const bool told = write(report, &failed, sizeof failed) == sizeof failed;
    _exit(told ? 127 : 126);
}

// Files take the output: a program that writes much cannot block, as it would with pipes.
inline pid_t spawn(const std::vector<std::string>& words, const std::string& output, const std::string& error) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) throw std::runtime_error(std::string("pipe2: ") + std::strerror(errno));
    const PipeEnd report(ends[0]);
    PipeEnd of_child(ends[1]);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
    if (child == 0) become_program(arguments.data(), output.c_str(), error.c_str(), of_child.get());
    of_child.close_now();
    int failed = 0;
    ssize_t length = 0;
    while ((length = read(report.get(), &failed, sizeof failed)) < 0 && errno == EINTR) continue;
    if (length == 0) return child;  // execvp has closed the pipe
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
    throw std::runtime_error(words[0] + " cannot be started: " + std::strerror(failed));
}

inline int exit_status(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) throw std::runtime_error(std::string("waitpid: ") + std::strerror(errno));
    }
    constexpr int kSignalled = 128;
    return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

inline Ended run_program(const std::vector<std::string>& words, const TemporaryFolder& folder) {
    const std::string output = folder.path() / "output";
    const std::string error = folder.path() / "error";
    Ended ended;
    ended.status = exit_status(spawn(words, output, error));
    ended.output = read_file(output);
    ended.error = read_file(error);
    return ended;
}

[[noreturn]] inline void complain(const std::vector<std::string>& words, const Ended& ended) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    throw std::runtime_error(text + " ended with status " + std::to_string(ended.status) + "\n" + ended.error +
                             ended.output);
}

inline std::vector<std::string> run_words(const std::string& path, const RunOptions& options,
                                          const TemporaryFolder& folder) {
    std::vector<std::string> words{program_to_run(options), "run", path, "--out", folder.path() / "out"};
    if (!options.kernel.empty()) words.insert(words.end(), {"--kernel", options.kernel});
    if (options.seed) words.insert(words.end(), {"--seed", std::to_string(*options.seed)});
    if (!options.family.empty()) words.insert(words.end(), {"--family", options.family});
    words.insert(words.end(), options.arguments.begin(), options.arguments.end());
    return words;
}

inline std::vector<std::string> record_files(const TemporaryFolder& folder) {
    const std::filesystem::path records = folder.path() / "out/records";
    std::vector<std::string> files;
    if (!std::filesystem::is_directory(records)) return files;
    for (const auto& entry : std::filesystem::directory_iterator(records)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

// Passed, a case failed, a harness error in a run, everything skipped (tcpwitness(1), EXIT STATUS): there are runs to
// look at. Any other status says that not all of them were made.
inline bool all_were_run(int status) {
    return status == 0 || status == 1 || status == 3 || status == 4;
}

inline Outcome outcome_from(const std::string& word) {
    if (word == "pass") return Outcome::passed;
    if (word == "fail") return Outcome::failed;
    if (word == "skip") return Outcome::skipped;
    return Outcome::error;
}

inline std::chrono::nanoseconds time_from(const Json& json) {
    return std::chrono::nanoseconds(json.get<std::int64_t>());
}

inline std::optional<std::chrono::nanoseconds> optional_time_from(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return time_from(json);
}

inline Socket socket_from(const Json& json) {
    Socket socket;
    json.at("host").get_to(socket.host);
    json.at("program").get_to(socket.program);
    json.at("name").get_to(socket.name);
    json.at("local").get_to(socket.local);
    if (!json.at("remote").is_null()) socket.remote = json.at("remote").get<std::string>();
    for (const Json& state : json.at("states")) {
        StateSpan span;
        state.at("state").get_to(span.state);
        span.at = time_from(state.at("at_ns"));
        span.ended = optional_time_from(state.at("ended_ns"));
        state.at("inferred").get_to(span.inferred);
        socket.spans.push_back(span);
    }
    return socket;
}

inline SequenceNumber number_from(const Json& json) {
    SequenceNumber number;
    json.at("value").get_to(number.value);
    json.at("absolute").get_to(number.absolute);
    return number;
}

inline Segment segment_from(const Json& json) {
    Segment segment;
    json.at("from").get_to(segment.from);
    json.at("to").get_to(segment.to);
    json.at("source").get_to(segment.source);
    json.at("destination").get_to(segment.destination);
    json.at("flags").get_to(segment.flags);
    segment.seq = number_from(json.at("seq"));
    if (!json.at("ack").is_null()) segment.ack = number_from(json.at("ack"));
    json.at("len").get_to(segment.len);
    json.at("again").get_to(segment.again);
    segment.sent = optional_time_from(json.at("sent_ns"));
    segment.arrived = optional_time_from(json.at("arrived_ns"));
    json.at("lost").get_to(segment.lost);
    json.at("forged").get_to(segment.forged);
    json.at("copy").get_to(segment.copy);
    json.at("corrupted").get_to(segment.corrupted);
    return segment;
}

inline Call call_from(const Json& json) {
    Call call;
    json.at("program").get_to(call.program);
    json.at("text").get_to(call.text);
    json.at("result").get_to(call.result);
    json.at("errno").get_to(call.error_number);
    json.at("output").get_to(call.output);
    call.began = time_from(json.at("began_ns"));
    call.ended = optional_time_from(json.at("ended_ns"));
    return call;
}

inline CaseRun case_run_from(const Json& json) {
    CaseRun run;
    json.at("id").get_to(run.id);
    json.at("name").get_to(run.name);
    run.outcome = outcome_from(json.at("outcome").get<std::string>());
    json.at("reason").get_to(run.reason);
    json.at("failure").get_to(run.failure);
    json.at("where").get_to(run.where);
    json.at("kernel").get_to(run.kernel);
    json.at("repeat").get_to(run.repeat);
    for (const Json& socket : json.at("sockets")) run.sockets.push_back(socket_from(socket));
    for (const Json& segment : json.at("segments")) run.segments.push_back(segment_from(segment));
    for (const Json& call : json.at("calls")) run.calls.push_back(call_from(call));
    return run;
}

// `tcpwitness show --format json` has one line for each record, in the order of `records`.
inline std::vector<CaseRun> read_runs(const std::string& program, const std::vector<std::string>& records,
                                      const TemporaryFolder& folder) {
    std::vector<std::string> words{program, "show", "--format", "json"};
    words.insert(words.end(), records.begin(), records.end());
    const Ended shown = run_program(words, folder);
    if (shown.status != 0) complain(words, shown);
    std::vector<CaseRun> runs;
    std::istringstream lines(shown.output);
    for (std::string line; std::getline(lines, line);) {
        runs.push_back(case_run_from(Json::parse(line)));
        runs.back().record = Json::parse(read_file(records.at(runs.size() - 1)));
    }
    return runs;
}

}  // namespace detail

inline std::vector<CaseRun> run_case(const std::string& path, const RunOptions& options) {
    const detail::TemporaryFolder folder;
    const std::vector<std::string> words = detail::run_words(path, options, folder);
    const detail::Ended ended = detail::run_program(words, folder);
    const std::vector<std::string> records = detail::record_files(folder);
    if (!detail::all_were_run(ended.status) || records.empty()) detail::complain(words, ended);
    return detail::read_runs(words[0], records, folder);
}

}  // namespace tcpwitness
