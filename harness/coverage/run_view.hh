// RunView: one recorded run as coverage asks about it: which socket a segment met and in which state, what made a
// socket change its state, and which calls were made on which socket. Only what was seen counts; inferred changes are
// left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

// The kernel handles a segment while it takes it from the link: what it changes is changed at once. The margin is for a
// machine that is busy with other things.
constexpr Duration kHandling = std::chrono::milliseconds(5);
// Two observers stamp one moment (the tracer inside of a call, the program's clock around it); so far apart they may be.
constexpr Duration kStampsApart = std::chrono::microseconds(100);
// Two states that one segment makes a socket pass; a busy machine may stretch it.
constexpr Duration kOneSegment = std::chrono::milliseconds(1);

// What a change of state came from.
enum class Occasion : uint8_t {
    call,     // a system call, or the end of the program
    segment,  // one that arrived
    timer,    // neither was there
};

struct Passage {
    size_t event = 0;  // index into Timeline::events
    Instant at{};
    int socket = 0;
    TcpState from = TcpState::closed;
    TcpState to = TcpState::closed;
    Occasion occasion = Occasion::timer;
    std::optional<size_t> segment;   // the arrival that made it; index into Timeline::events
    std::optional<Duration> lasted;  // how long it was in `from`, when its beginning was seen
    std::string cause;               // StateChange::cause
};

// A good segment that arrived at a host, and the socket that met it.
struct Arrival {
    size_t event = 0;
    Instant at{};
    const TcpSegment* segment = nullptr;
    std::string host;
    std::optional<int> socket;          // absent: no socket was there
    TcpState state = TcpState::closed;  // of that socket, just before
};

// A call on a socket that the case names.
struct SocketCall {
    size_t event = 0;
    Instant at{};
    const Call* call = nullptr;
    const CallStep* step = nullptr;
    int socket = 0;
    TcpState state = TcpState::closed;  // just before
};

class RunView {
  public:
    explicit RunView(const Record& record);

    const Record& record;
    const Plan& plan;
    const Timeline& timeline;
    size_t length = 0;  // events of the story

    std::vector<Passage> passages;  // seen, in order
    std::vector<Arrival> arrivals;
    std::vector<SocketCall> calls;

    template <typename Body>
    const Body* event(size_t index) const {
        return std::get_if<Body>(&timeline.events[index].body);
    }
    // The state of a socket just before the event; CLOSED before its first change. Nothing when that was inferred.
    std::optional<TcpState> state_before(int socket, size_t event) const;
    bool has(TcpState from, TcpState to) const;
    const Passage* find(TcpState from, TcpState to) const;
    const Socket& socket(int index) const { return timeline.sockets[static_cast<size_t>(index)]; }
    // Whether the segment belongs to the socket's connection and was sent by its host.
    bool sent_by(const SegmentSeen& seen, int socket) const;
    bool arrived_at(const SegmentSeen& seen, int socket) const;

  private:
    void find_arrivals();
    void find_passages();
    void find_calls();
    std::optional<int> socket_of(const SegmentSeen& seen, size_t event) const;
    std::optional<int> listener_of(const SegmentSeen& seen, size_t event) const;
    std::optional<int> socket_called(const CallStep& step, size_t event) const;
    void explain(Passage& passage) const;
    std::optional<Instant> call_before(const Passage& passage) const;
    bool ends_program(int step, const Socket& socket) const;
    bool may_act_on(const std::string& program, const Socket& socket) const;
};

}  // namespace tcpwitness
