// Words for the parts of an answer about a bind(). Part of bind_text.
#pragma once

#include <string>

#include "bind/bind_answer.hh"

namespace tcpwitness {

std::string option_name(BindFlag flag);  // "SO_REUSEADDR"

// "www-data (33)"
std::string user_text(unsigned user);

// "41.2 s"; from a minute on "12 min"
std::string left_text(Duration left);

// "nginx (pid 812, descriptor 6) and 4 more"; why there is none, where there is none.
std::string owners_text(const HeldSocket& socket);

// "SO_REUSEADDR on, SO_REUSEPORT off", "... unknown"
std::string options_text(const HeldSocket& socket);

// Why this socket is in the way, or not.
std::string reason_text(const WantedBind& wanted, const HeldSocket& socket, const Conflict& conflict);

// What the kernel says before it looks at any socket.
std::string refusal_text(const WantedBind& wanted, const BindMachine& machine, BindRefusal refusal);

// "SO_REUSEADDR on this socket and on those in the way"
std::string remedy_text(const Remedy& remedy);

}  // namespace tcpwitness
