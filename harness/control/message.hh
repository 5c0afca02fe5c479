// What the harness and a tcp_actor say to each other: one request for one system call, one reply with its outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hh"
#include "base/time.hh"
#include "base/value.hh"

namespace tcpwitness {

struct CallRequest {
    uint64_t id = 0;
    std::string function;          // "bind"
    std::vector<Value> arguments;  // sockets by their names in the case
    std::string makes;             // the name that the resulting socket gets; empty when the call makes none
    // The call may block for long while others of the same program are made: it runs on a thread of its own.
    bool detached = false;
};

// What the actor knows of the socket that a call was made on or made, after the call.
struct SocketFacts {
    std::string name;
    uint64_t cookie = 0;  // SO_COOKIE
    std::optional<SocketAddress> local;
    std::optional<SocketAddress> remote;
};

struct CallReply {
    uint64_t id = 0;
    // A detached call was made and blocks: nothing else here means anything yet, and the reply itself comes later. A
    // detached call that returns at once has only its reply. Every later call of the program begins after this.
    bool pending = false;
    Duration began{};      // CLOCK_MONOTONIC, just before the call
    Duration ended{};      // just after it
    int64_t result = 0;    // the call's return value; -1 on error
    int error_number = 0;  // errno value; 0 when the call succeeded
    std::string output;    // what the call gave back besides: "1460", "10.0.1.1:40112", "POLLIN|POLLHUP"
    std::optional<SocketFacts> socket;
    // recv: offset in the stream of the first byte that was not the sender's pattern. Absent: all were. Says nothing
    // when the sender is not a tcp_actor: its bytes are no pattern.
    std::optional<int64_t> wrong_byte;
    // Sent or received by this call as part of the stream and, when received, compared with the pattern. 0 for what
    // was only peeked at, discarded (MSG_TRUNC) or urgent (MSG_OOB).
    int64_t bytes = 0;
    std::string refused;  // the actor could not make the call at all (unknown option name): why
};

std::string to_wire(const CallRequest& request);
std::string to_wire(const CallReply& reply);
// Throw Error when `text` is not such a message.
CallRequest call_request_from_wire(const std::string& text);
CallReply call_reply_from_wire(const std::string& text);

}  // namespace tcpwitness
