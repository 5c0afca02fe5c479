// TryConnections: of each connection between the hosts of a run who closed it first, and what is left of it.
#pragma once

#include <vector>

#include "plan/plan.hh"
#include "timeline/timeline.hh"

namespace tcpwitness {

enum class ClosedFirst : uint8_t { nobody, client, server, both };

struct TryConnection {
    SocketAddress client;
    SocketAddress server;
    bool opened = false;  // the server answered the SYN with SYN ACK
    ClosedFirst first = ClosedFirst::nobody;
    bool by_reset = false;                     // the first thing that closed it was a reset
    bool reset_after = false;                  // one end answered the other's FIN with a reset
    bool second_fin = false;                   // the other end sent a FIN too
    TcpState client_state = TcpState::closed;  // at the end of the story
    TcpState server_state = TcpState::closed;
};

// In the order of their beginning. Connections inside one host are not among them.
std::vector<TryConnection> try_connections(const Timeline& timeline);

// "the server closed first", "the server reset it", "nobody closed it"
std::string closing_words(const TryConnection& connection);

// The states other than CLOSED and LISTEN that sockets of `host` on `port` are in at `when`.
std::vector<TcpState> states_on_port(const Timeline& timeline, const std::string& host, uint16_t port, Instant when);

// When a program was started by a step the second time; nothing when it was not.
std::optional<Instant> second_start(const Timeline& timeline, const std::string& program);

}  // namespace tcpwitness
