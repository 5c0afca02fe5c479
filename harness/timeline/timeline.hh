// Timeline: everything that was observed in one run, on one clock. A plain value with a JSON form: what a worker or a
// guest returns, what a verdict is made from, and what a record keeps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hh"
#include "base/tcp_state.hh"
#include "base/time.hh"
#include "timeline/tcp_segment.hh"

namespace tcpwitness {

// How something became known. Everything but `inferred` was seen.
enum class Source : uint8_t {
    tracepoint,  // sock:inet_sock_set_state or a function traced by BPF
    timer,       // the kernel timer of a request socket or mini-socket, seen by BPF
    sock_diag,   // a socket dump showed the state
    inferred,    // follows from what was seen before and after, but was not itself seen
};

// By the kernel telling of it in that moment, so that its time is exact.
constexpr bool seen_as_it_happened(Source source) { return source == Source::tracepoint || source == Source::timer; }

// One TCP socket of the run through its whole life: request socket, full socket and mini-socket are one Socket.
struct Socket {
    int index = 0;  // place in Timeline::sockets; StateChange::socket refers to it
    std::string host;
    std::string program;                  // who made it; empty when not known (the kernel made it, nobody accepted it)
    std::string name;                     // as the case calls it ("c"); empty when the case has no name for it
    SocketAddress local;                  // last known; port 0 when never bound
    std::optional<SocketAddress> remote;  // absent for listeners and sockets that never connected
};

// "client c", or "server 10.0.2.2:7000 > 10.0.1.1:40112" for a socket without a name.
std::string to_string(const Socket& socket);

// --- kinds of events ---

struct StepBegan {
    static constexpr std::string_view kKind = "step_began";
    int step = 0;  // index into Plan::steps
};

enum class StepOutcome : uint8_t {
    done,
    timed_out,    // its deadline passed
    refused,      // a condition that a `check` names was false, or a call's result was not the expected one
    unsupported,  // this kernel or user cannot do it: the run is a skip
    broken,       // the harness failed in it: the run is an error
};

struct StepEnded {
    static constexpr std::string_view kKind = "step_ended";
    int step = 0;
    StepOutcome outcome = StepOutcome::done;
    std::string observed;  // what was there instead, or the error, for every outcome but done; what satisfied an await
};

// One system call of a tcp_actor. Event::at is the time just before the call.
struct Call {
    static constexpr std::string_view kKind = "call";
    int step = 0;  // the step that started it
    std::string program;
    std::string text;              // as the plan spells it: "bind(l, :7000)"
    std::optional<Instant> ended;  // just after the call; absent: it never returned
    int64_t result = 0;            // the call's return value, -1 on error
    int error_number = 0;          // errno value, 0 when none
    std::string output;            // what it gave back besides the result: an address, an option's value, poll's events
};

struct StateChange {
    static constexpr std::string_view kKind = "state";
    int socket = 0;
    TcpState from = TcpState::closed;
    TcpState to = TcpState::closed;
    Source source = Source::tracepoint;
    // For a change out of TIME_WAIT or a mini-socket's FIN_WAIT_2: what ended it ("timer", "descheduled"); else empty.
    std::string cause;
};

// TIME_WAIT began again: its timer was set anew.
struct TimeWaitRestart {
    static constexpr std::string_view kKind = "time_wait_restart";
    int socket = 0;
    Source source = Source::tracepoint;
};

enum class Direction : uint8_t { sent, arrived };

// A segment at a host's interface: `sent` when the host gave it to the link, `arrived` when the link gave it to the
// host.
struct SegmentSeen {
    static constexpr std::string_view kKind = "segment";
    std::string host;
    std::string interface;
    Direction direction = Direction::sent;
    TcpSegment segment;
};

// A packet that is not TCP and not neighbour discovery: ICMP errors above all.
struct PacketSeen {
    static constexpr std::string_view kKind = "packet";
    std::string host;
    std::string interface;
    Direction direction = Direction::sent;
    std::string summary;  // "ICMP destination unreachable, port unreachable"
    std::string raw;      // from the IP header on, cut after 128 bytes
};

// A fault of the path fired: a drop, a hold, a forged segment.
struct FaultFired {
    static constexpr std::string_view kKind = "fault";
    int step = 0;        // the step that set it up
    std::string action;  // "drop", "inject", ...
    int64_t packets = 1;
    std::optional<TcpSegment> segment;  // the segment it hit or made, when it was seen
    std::optional<TcpSegment> became;   // what it made of the segment, when it changed it
};

struct ProgramStarted {
    static constexpr std::string_view kKind = "program_started";
    std::string program;
    int step = -1;  // -1: the stage started it
    std::string command;
};

struct ProgramExited {
    static constexpr std::string_view kKind = "program_exited";
    std::string program;
    int exit_status = 0;      // meaningful when signal is 0
    int signal = 0;           // the signal that ended it, or 0
    bool by_harness = false;  // killed at the end of the run, not by a step
};

struct ProgramOutput {
    static constexpr std::string_view kKind = "output";
    std::string program;
    bool standard_error = false;
    std::string text;
};

// After the last step: what comes later belongs to the taking down of the stage and is not judged.
struct StoryEnded {
    static constexpr std::string_view kKind = "story_ended";
};

// An observer lost records: the run cannot be judged.
struct RecordsLost {
    static constexpr std::string_view kKind = "records_lost";
    std::string observer;
    int64_t count = 0;
};

using EventBody = std::variant<StepBegan, StepEnded, Call, StateChange, TimeWaitRestart, SegmentSeen, PacketSeen,
                               FaultFired, ProgramStarted, ProgramExited, ProgramOutput, StoryEnded, RecordsLost>;

struct Event {
    Instant at{};
    EventBody body;
};

// A socket that a sock_diag dump showed when the story ended.
struct SocketLeft {
    std::string host;
    TcpState state = TcpState::closed;
    SocketAddress local;
    std::optional<SocketAddress> remote;
    std::optional<Duration> timer;  // time left, for sockets with a timer
    std::string program;            // whose it is, when known: a case's expectation counts only sockets of the case
};

// Bytes that one socket of an actor moved: send writes a pattern that tells its offset, recv checks it.
struct DataFlow {
    std::string host;
    std::string program;
    std::string socket;                       // its name in the case
    int64_t bytes_received = 0;               // by this socket
    int64_t bytes_sent = 0;                   // by this socket
    std::optional<int64_t> first_wrong_byte;  // offset in what it received; absent: all bytes were as sent
};

// What the run was made on, as far as a reader or a matcher needs it.
struct Observed {
    std::string kernel;                  // uname release
    std::vector<std::string> observers;  // "tp_btf", "fentry", "timer", "sock_diag", "capture", "counters"
    bool exact_states = false;           // false: states come from sock_diag samples, some may be inferred
    bool exact_time_wait = false;        // entry, restarts and end of TIME_WAIT are seen as they happen
};

struct Timeline {
    Observed observed;
    std::map<std::string, std::vector<IpAddress>> addresses;  // of every host, loopback included
    std::vector<Socket> sockets;
    std::vector<Event> events;  // ordered by Event::at
    std::vector<SocketLeft> sockets_left;
    std::map<std::string, std::map<std::string, int64_t>>
        counters;  // host -> "TcpExt.ListenDrops" -> change during the story
    std::vector<DataFlow> data;
    // Set by run_plan as its last act. Without it the run ended early and cannot be judged.
    bool complete = false;
    // Why the run broke off, with the step's context; empty when it did not.
    std::string error;
    // Why this kernel or user cannot run the plan; empty when it can.
    std::string unsupported;
};

std::string timeline_to_json(const Timeline& timeline);
// Throws Error when `text` is not the JSON of a Timeline.
Timeline timeline_from_json(const std::string& text);

// One segment's way through the network: where in Timeline::events it was sent and where it arrived.
// No sending: it was forged. No arrival: it was lost (or still on its way when the watching ended).
struct Journey {
    std::optional<size_t> sent;
    std::optional<size_t> arrived;
    // The network made this arrival from a segment that was sent once and has a journey of its own; `sent` is that
    // sending.
    bool copy = false;
    // Its bytes were changed on the way: it arrived with a bad checksum, so TCP there never saw it.
    bool corrupted = false;

    bool lost() const { return sent && (!arrived || corrupted) && !copy; }
    bool forged() const { return !sent; }
};

// Matches every sending with its arrival: same bytes that routers leave alone. Among identical segments the first sent
// arrives first; when fewer arrived than were sent, an arrival belongs to the latest sending that it can be of.
// A FaultFired that names its segment is believed: "drop" and "blackhole" took that sending, "inject" and "replay" made
// that arrival, "move" gave it the addresses that it arrived with.
// In the order of sending (of arrival for forged ones and copies).
std::vector<Journey> journeys(const Timeline& timeline);

// The segment of a journey, as sent if it was seen to be sent.
const TcpSegment& segment_of(const Timeline& timeline, const Journey& journey);

// The host that sent or, for forged ones, seems to have sent it, and the other one. Empty: no host has that address.
std::string sender_of(const Timeline& timeline, const Journey& journey);
std::string receiver_of(const Timeline& timeline, const Journey& journey);

// The states that a socket passed, with the time of each change, up to the end of the story. The state before the first
// change is not among them.
struct StateSpan {
    TcpState state = TcpState::closed;
    Instant began{};
    std::optional<Instant> ended;  // absent: still in it when the story ended
    Source source = Source::tracepoint;
    size_t event = 0;  // of the change into it
};
std::vector<StateSpan> states_of(const Timeline& timeline, int socket);

// How many of Timeline::events belong to the story: those before StoryEnded, or all when there is none.
size_t story_length(const Timeline& timeline);

// The end of the story: the time of StoryEnded, or of the last event when there is none.
Instant end_of_story(const Timeline& timeline);

}  // namespace tcpwitness
