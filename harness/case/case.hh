// Case: what the author of a case file wrote, with source positions. It knows no kernel and no addresses: what depends
// on them (families, kernel versions, 2MSL) is kept as written and settled by the planner.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hh"
#include "base/condition.hh"
#include "base/diagnostics.hh"
#include "base/expression.hh"
#include "base/path_trick.hh"
#include "base/tcp_state.hh"
#include "base/time.hh"
#include "base/value.hh"

namespace tcpwitness {

// --- what depends on the kernel ---

// One test of a `when`: "kernel >= 6.14", "family = ipv6", "sysctl net.ipv4.tcp_tw_reuse_delay".
struct WhenTest {
    enum class Kind : uint8_t { kernel, family, sysctl, clock };
    Kind kind = Kind::kernel;
    Relation relation = Relation::equal;
    std::vector<int> version;      // of kernel: {6, 14}; only as many numbers are compared as are written
    Family family = Family::ipv4;  // of family
    std::string sysctl;            // the key that the kernel must have, or with not_equal must not have
    bool virtual_time = false;     // of clock
};

// Tests joined by "and", and these by "or".
struct When {
    SourceLine source;
    std::vector<std::vector<WhenTest>> any_of;
};

// "EADDRINUSE when kernel < 6.14 else 0": the first whose `when` holds counts. None: nothing is said.
template <typename Wanted>
struct Alternative {
    Wanted wanted;
    std::optional<When> when;
};
template <typename Wanted>
using Choice = std::vector<Alternative<Wanted>>;

// "5s", "150ms..2s", "2MSL" as written. The length of 2MSL is the machine's.
struct CaseDuration {
    bool two_msl = false;
    DurationRange range;
    std::string text;
};

// --- programs and hosts ---

struct CaseFile {
    std::string name;
    std::string content;
};

struct CaseProgram {
    std::string name;
    std::string host;
    std::vector<std::string> command;  // empty: tcp_actor
    std::map<std::string, std::string> environment;
    std::string working_folder = ".";
    std::vector<CaseFile> files;
    std::optional<uint32_t> user;
    SourcePosition position;

    bool takes_calls() const { return command.empty(); }
};

struct CaseSysctl {
    SourcePosition position;
    std::string host;
    std::string key;
    std::string value;
};

// --- steps ---

// "server:7000", ":7000", "127.0.0.1:0", "mapped(server):7000", "client:*"
struct Endpoint {
    enum class Host : uint8_t {
        any,       // 0.0.0.0 or ::
        loopback,  // 127.0.0.1 or ::1
        named,     // an address of `host`
        literal,   // `ip`
    };
    Host kind = Host::any;
    std::string host;
    IpAddress ip;
    std::optional<Family> family;  // said by the author; else the socket's
    bool mapped = false;           // as ::ffff:a.b.c.d
    std::optional<uint16_t> port;  // absent: '*', any port
};

struct CaseArgument {
    Value value;                       // without its address and its items
    std::optional<Endpoint> endpoint;  // of an address
    std::vector<CaseArgument> items;   // of a list
};

struct CaseResult {
    enum class Kind : uint8_t { number, error, output, value, any };
    Kind kind = Kind::any;
    Comparison number;
    int error_number = 0;
    std::string output;
    std::optional<Endpoint> endpoint;  // output is an address
};

enum class CaseCallMode : uint8_t { complete, begin, finish };

struct CaseCall {
    std::string program;
    std::string function;
    std::vector<CaseArgument> arguments;
    std::string makes;
    CaseCallMode mode = CaseCallMode::complete;
    Choice<CaseResult> results;  // empty: success
    std::string text;
};

struct CaseStart {
    std::string program;
};

struct CaseSignal {
    std::string program;
    int signal = 0;
    std::string signal_name;
};

struct CaseAwait {
    Condition condition;
};

struct CaseCheck {
    Condition condition;
};

struct CaseWait {
    CaseDuration duration;
};

struct CaseSetSysctl {
    CaseSysctl sysctl;
};

struct CasePathTrick {
    std::string function;
    std::vector<std::string> arguments;  // those without a name, as written
    PathTrick trick;
};

using CaseAction =
    std::variant<CaseCall, CaseStart, CaseSignal, CaseAwait, CaseCheck, CaseWait, CaseSetSysctl, CasePathTrick>;

struct CaseStep {
    SourceLine source;
    std::optional<When> when;
    std::optional<CaseDuration> within;
    CaseAction action;
};

// --- expectations ---

struct CaseState {
    TcpState state = TcpState::closed;
    std::optional<CaseDuration> duration;
};

struct CaseStateElement {
    bool gap = false;
    std::vector<std::vector<CaseState>> alternatives;
};

struct CaseStates {
    SourceLine source;
    SocketReference socket;
    Choice<std::vector<CaseStateElement>> sequence;
};

struct CaseSegment {
    bool gap = false;
    std::string from;
    std::string to;
    uint8_t flags = 0;
    std::optional<Expression> sequence;
    std::optional<Expression> acknowledgment;
    std::optional<Expression> length;
    std::optional<Comparison> window;
    std::map<std::string, std::string> options;
    bool optional = false;
    bool lost = false;
    bool forged = false;
};

struct CaseWire {
    SourceLine source;
    Choice<CaseSegment> segment;
};

struct CaseTimeWait {
    SourceLine source;
    SocketReference socket;
    Choice<Comparison> restarts;
    Choice<CaseDuration> length;
    Choice<std::string> ended_by;
};

struct CaseSockets {
    SourceLine source;
    std::string host;
    std::vector<std::pair<TcpState, Choice<Comparison>>> states;
};

struct CaseCounter {
    SourceLine source;
    std::string host;
    std::string counter;
    Choice<Comparison> comparison;
};

struct CaseGaps {
    std::vector<Duration> gaps;
    bool more = false;
    double tolerance = 0.25;
};

struct CaseSpacing {
    SourceLine source;
    std::string from;
    std::string to;
    uint8_t flags = 0;
    Choice<CaseGaps> gaps;
};

struct CaseData {
    SourceLine source;
    SocketReference from;
    SocketReference to;
};

struct ExitOutcome {
    std::optional<int> exit_status;
    std::optional<int> signal;
};

struct CaseExit {
    SourceLine source;
    std::string program;
    Choice<ExitOutcome> outcome;
};

struct CaseExpectations {
    std::optional<When> when;
    std::vector<CaseStates> states;
    std::vector<CaseWire> wire;
    std::vector<CaseTimeWait> time_wait;
    std::vector<CaseSockets> sockets;
    std::vector<CaseCounter> counters;
    std::vector<CaseSpacing> spacing;
    std::vector<CaseData> data;
    std::vector<CaseExit> exits;
};

// --- the whole ---

// One row of a case with its variables replaced: what one run (for each family) is about.
struct CaseStory {
    SourcePosition position;
    std::string title;
    std::string about;
    std::string reference;
    std::vector<std::string> claims;
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> columns;  // of its row of `vary`, in order
    std::string row_name;                                      // the row's `name`; may be empty
    std::vector<When> when;                                    // the case's and the row's: all must hold
    std::vector<Family> families;                              // a run for each
    bool direct = false;                                       // topology
    int mtu = 1500;
    std::vector<CaseSysctl> sysctls;
    std::vector<CaseProgram> programs;  // client and server first
    std::vector<CaseStep> steps;
    std::vector<CaseExpectations> expectations;
    std::optional<Duration> timeout;
};

struct Case {
    std::string file;
    std::vector<std::string> lines;
    std::vector<CaseStory> stories;  // one for each row of `vary`; exactly one without it
};

}  // namespace tcpwitness
