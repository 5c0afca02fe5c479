// Plan: a Case made complete for one run: addresses, names, deadlines, seed, expectations, no defaults left.
// A plain value with a JSON form. Everything after this room works from it and never looks at the Case.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hh"
#include "base/comparison.hh"
#include "base/condition.hh"
#include "base/diagnostics.hh"
#include "base/expression.hh"
#include "base/path_trick.hh"
#include "base/tcp_state.hh"
#include "base/time.hh"
#include "base/value.hh"

#include <nlohmann/json_fwd.hpp>

namespace tcpwitness {

// --- the stage ---

enum class Topology : uint8_t {
    path,    // client, path and server: two veth pairs, path forwards between two subnets
    direct,  // client and server on one veth pair
};

struct InterfaceAddress {
    IpAddress ip;
    int prefix_length = 0;
};

struct PlanInterface {
    std::string host;
    std::string name;
    std::string mac;  // "02:00:00:00:01:01"
    std::vector<InterfaceAddress> addresses;
};

struct PlanLink {
    PlanInterface a;
    PlanInterface b;
    int mtu = 1500;
};

struct PlanRoute {
    std::string host;
    InterfaceAddress destination;
    IpAddress via;
};

struct PlanHost {
    std::string name;
    std::vector<std::pair<std::string, std::string>> sysctls;  // key with dots and value, in the order they are set
};

struct PlanNetwork {
    Topology topology = Topology::path;
    Family family = Family::ipv4;  // of the addresses that the case's "server:7000" stands for
    std::vector<PlanHost> hosts;
    std::vector<PlanLink> links;
    std::vector<PlanRoute> routes;
    // path forwards in user space, because a step needs every segment to be seen there; its kernel does not.
    bool forwarder = false;
};

// --- programs ---

struct PlanFile {
    std::string name;     // relative to the program's own folder
    std::string content;
};

struct PlanProgram {
    std::string name;
    std::string host;
    std::vector<std::string> command;  // empty: tcp_actor
    std::map<std::string, std::string> environment;  // added to the run's own
    std::string working_folder;        // relative to the program's own folder; "." by default
    std::vector<PlanFile> files;
    std::optional<uint32_t> user;      // uid to run as
};

// --- steps ---

// What a call is expected to return.
struct ExpectedResult {
    enum class Kind : uint8_t {
        success,     // anything but an error
        number,      // the return value, compared
        error,       // -1 with this errno
        output,      // success, and what the call gave back reads so: an option's value, an address, poll's events;
                     // "*" stands for any characters ("10.0.1.1:*"), words joined by "|" may come in any order
        value,       // success, and what the call gave back is a number, compared: getsockopt(...) >= 1
        any,         // success or error: the author does not say
    };
    Kind kind = Kind::success;
    Comparison number;
    int error_number = 0;
    std::string output;
};

std::string to_string(const ExpectedResult& expected);

enum class CallMode : uint8_t {
    complete,  // connect(c, server:7000)
    begin,     // connect(c, server:7000) = ...
    finish,    // ... connect(c) = ETIMEDOUT
};

// One system call of a tcp_actor.
struct CallStep {
    static constexpr std::string_view kKind = "call";
    std::string program;
    std::string function;
    std::vector<Value> arguments;
    std::string makes;  // the socket that its result becomes: "l" in "l = socket()"; else empty
    CallMode mode = CallMode::complete;
    ExpectedResult expected;
    std::string text;   // "bind(l, :7000)", without its result
};

struct StartStep {
    static constexpr std::string_view kKind = "start";
    std::string program;
};

struct SignalStep {
    static constexpr std::string_view kKind = "signal";
    std::string program;
    int signal = 0;
    std::string signal_name;
};

// Waits until the condition holds, or has held since the last step that was not itself an await began.
struct AwaitStep {
    static constexpr std::string_view kKind = "await";
    Condition condition;
};

// The condition must hold now.
struct CheckStep {
    static constexpr std::string_view kKind = "check";
    Condition condition;
};

struct WaitStep {
    static constexpr std::string_view kKind = "wait";
    Duration duration{};
};

struct SysctlStep {
    static constexpr std::string_view kKind = "sysctl";
    std::string host;
    std::string key;
    std::string value;
};

// A trick of the network: netem(both, loss=20%), drop(client > server, FIN), inject(server > client, RST, seq=c.rcv_nxt).
struct PathStep {
    static constexpr std::string_view kKind = "path";
    std::string function;
    std::vector<std::string> arguments;  // those without a name, as the case spells them: "client > server", "FIN"
    PathTrick trick;
};

using Action = std::variant<CallStep, StartStep, SignalStep, AwaitStep, CheckStep, WaitStep, SysctlStep, PathStep>;

struct PlanStep {
    SourceLine source;   // text as the case spells it, variables replaced
    Duration deadline{}; // from the step's own beginning
    Action action;
};

// --- expectations ---

// A state and how long it may last.
struct StateAndDuration {
    TcpState state = TcpState::closed;
    std::optional<DurationRange> duration;
    std::string duration_text;  // "2MSL", "150ms..2s"
};

// One place of a sequence of states: "..." or alternatives, each of which is a sequence that may be empty.
struct StateElement {
    bool gap = false;
    std::vector<std::vector<StateAndDuration>> alternatives;
};

struct StatesExpectation {
    SourceLine source;
    SocketReference socket;
    std::vector<StateElement> sequence;
};

struct WirePattern {
    SourceLine source;
    bool gap = false;            // "...": any number of segments
    std::string from;
    std::string to;
    uint8_t flags = 0;           // SYN FIN RST ACK URG must be exactly these; PSH ECE CWR only if named
    std::optional<Expression> sequence;
    std::optional<Expression> acknowledgment;
    std::optional<Expression> length;      // payload bytes; absent: not said
    std::optional<Comparison> window;
    std::map<std::string, std::string> options;  // "mss" -> "1460", "ts" -> "" (present), "sack" -> "no" (absent)
    bool optional = false;       // "?": may be absent
    bool lost = false;           // was sent and did not arrive
    bool forged = false;         // arrived and was not sent by the host
};

struct TimeWaitExpectation {
    SourceLine source;
    SocketReference socket;
    std::optional<Comparison> restarts;
    std::optional<DurationRange> length;
    std::string length_text;
    std::optional<std::string> ended_by;  // StateChange::cause
};

// What is left at a host when the story ends. `exactly`: states not named must be absent ("none", or {TIME_WAIT: 1}).
struct SocketsExpectation {
    SourceLine source;
    std::string host;
    std::vector<std::pair<TcpState, Comparison>> states;
};

struct CounterExpectation {
    SourceLine source;
    std::string host;
    std::string counter;   // "TcpExt.ListenDrops"
    Comparison comparison;
};

// Gaps between the first sending of a segment and its repeats.
struct SpacingExpectation {
    SourceLine source;
    std::string from;
    std::string to;
    uint8_t flags = 0;
    std::vector<Duration> gaps;
    bool more = false;         // "...": further repeats may follow
    double tolerance = 0.25;   // relative, each way
};

// Every byte that `from` wrote arrived at `to` as it was written.
struct DataExpectation {
    SourceLine source;
    SocketReference from;
    SocketReference to;
};

struct ExitExpectation {
    SourceLine source;
    std::string program;
    std::optional<int> exit_status;
    std::optional<int> signal;
};

struct Expectations {
    std::vector<StatesExpectation> states;
    std::vector<WirePattern> wire;  // empty: nothing is said
    std::vector<TimeWaitExpectation> time_wait;
    std::vector<SocketsExpectation> sockets;
    std::vector<CounterExpectation> counters;
    std::vector<SpacingExpectation> spacing;
    std::vector<DataExpectation> data;
    std::vector<ExitExpectation> exits;
};

// --- the whole ---

struct Plan {
    std::string id;            // unique in a run of the tool: "teardown/four_way_close[ipv6]"
    std::string title;         // the case's name
    std::string variant;       // "ipv6", "old=1 new=0 outcome=EADDRINUSE"; empty when the case has only one run
    std::string about;
    std::string reference;
    std::vector<std::string> claims;
    std::vector<std::string> tags;
    SourcePosition source;     // of the case
    std::vector<std::string> case_text;  // the file's lines, for reports

    PlanNetwork network;
    std::vector<PlanProgram> programs;
    std::vector<PlanStep> steps;
    Expectations expectations;

    uint64_t seed = 1;
    Duration timeout{};        // of the whole run
    DurationRange two_msl;     // on the machine that the plan is for
    Duration expected_duration{};  // a guess for the scheduler: the waits that the case is known to make
    std::vector<std::string> needs;  // feature names that the plan needs of its machine
    std::string skip;          // why this machine cannot or shall not run it; empty: run
};

// In one line, or indented by so many spaces.
std::string plan_to_json(const Plan& plan, int indent = -1);
// Throws Error when `text` is not the JSON of a Plan.
Plan plan_from_json(const std::string& text);

// What the JSON forms of Plan and Verdict share.
void to_json(nlohmann::json& json, const SourcePosition& position);
void from_json(const nlohmann::json& json, SourcePosition& position);
void to_json(nlohmann::json& json, const SourceLine& line);
void from_json(const nlohmann::json& json, SourceLine& line);

// Whether a call's outcome is the expected one. `error_number` is 0 when the call succeeded.
bool matches(const ExpectedResult& expected, int64_t result, int error_number, const std::string& output);

}  // namespace tcpwitness
