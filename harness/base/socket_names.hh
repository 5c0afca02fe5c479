// The constants of the socket API and the signals by the names that people write. Options: socket_options.hh;
// fields of struct tcp_info: tcp_info.hh.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/socket_options.hh"
#include "base/tcp_info.hh"

namespace tcpwitness {

// The value of SOL_SOCKET, SO_REUSEADDR, MSG_PEEK, SHUT_WR, POLLIN, AF_INET6, SOCK_NONBLOCK, IP_PMTUDISC_DO, ...;
// nothing when there is no such constant.
std::optional<int> socket_constant(std::string_view name);

// "MSG_PEEK|MSG_DONTWAIT", "POLLIN", "0": constants and decimal or 0x numbers joined by '|'. Nothing when a part is
// neither.
std::optional<int> socket_constants(std::string_view text);

// Every name that socket_constant knows, options included.
std::vector<std::string> socket_constant_names();

// "POLLIN|POLLHUP" for the events or revents of poll; "0" for none.
std::string poll_events_text(int events);

// The number of "SIGINT", "SIGRTMIN+2"; nothing when there is no such signal.
std::optional<int> signal_number(std::string_view name);

// "SIGINT"; "signal 99" for a number that is no signal.
std::string signal_name(int number);

}  // namespace tcpwitness
