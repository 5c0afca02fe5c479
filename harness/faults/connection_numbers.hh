// The sequence numbers of every connection of a run (RFC 9293 section 3.3.1), kept up from the segments that were seen
// at the hosts: what "c.snd_nxt" in an injected segment stands for. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expression.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

// One end of one connection, as its host's own segments and those that arrived there show it. What no segment has
// shown yet is absent.
struct EndNumbers {
    std::optional<uint32_t> isn;        // initial send sequence number, ISS
    std::optional<uint32_t> irs;        // initial receive sequence number
    std::optional<uint32_t> snd_una;    // oldest unacknowledged
    std::optional<uint32_t> snd_nxt;    // behind the last that it sent
    std::optional<uint32_t> rcv_nxt;    // what it expects next
    std::optional<uint32_t> snd_wnd;    // bytes that the other end last allowed, scaled
    std::optional<uint32_t> rcv_wnd;    // bytes that it last allowed the other end, scaled
    std::optional<uint16_t> window;     // the same as on the wire
    std::optional<uint32_t> ts_val;     // timestamp that it sent last
    std::optional<uint32_t> ts_recent;  // newest timestamp that arrived
    std::string latest;                 // the packet that it sent last, from the IP header on, headers whole

    // "snd_nxt"; nothing when no segment has shown it. Throws Error, naming the fields, when there is no such field.
    std::optional<uint32_t> field(std::string_view name) const;
};

class ConnectionNumbers {
  public:
    // Segments in the order of time.
    void take(const SegmentSeen& seen);

    // The incarnations of the connection of this end with that, oldest first; empty when no segment was seen.
    std::vector<EndNumbers> incarnations(const SocketAddress& local, const SocketAddress& remote) const;

  private:
    struct End {
        EndNumbers numbers;
        std::optional<uint8_t> own_shift;    // window scale that this end offered
        std::optional<uint8_t> other_shift;  // that the other end offered; both count only when both are there
        std::vector<std::pair<uint32_t, uint32_t>> beyond;  // arrived behind a hole
    };
    using Ends = std::pair<SocketAddress, SocketAddress>;

    End& end_that_sends(const TcpSegment& segment);
    void open(End& end, const TcpSegment& segment) const;
    void sent(const TcpSegment& segment);
    void arrived(const TcpSegment& segment);
    static void receive(End& end, uint32_t begin, uint32_t beyond);

    std::map<Ends, std::vector<End>> ends_;  // local and remote
    std::map<Ends, TcpSegment> syns_;        // the latest that arrived; it counts when it is answered
};

// A socket and the connection that it has, had or is about to have.
struct NumberedSocket {
    const Socket* socket = nullptr;
    EndNumbers numbers;
};

// The socket that a name means: "c"; "client.c" where two programs have one; "c@1" the first that was called c when
// that name was given again. Throws Error when there is none, or no segment of its connection was seen.
NumberedSocket find_numbers(const std::string& name, const std::vector<Socket>& sockets,
                            const ConnectionNumbers& numbers);

// "c" of "c.snd_nxt"; empty for a word without a field.
std::string socket_of(std::string_view variable);

// The first socket that an expression names; empty when it names none.
std::string socket_of(const Expression& expression);

// What an expression stands for now: modulo 2^32. Throws Error naming the variable that has no value.
uint32_t settle(const Expression& expression, const std::vector<Socket>& sockets, const ConnectionNumbers& numbers);

}  // namespace tcpwitness
