// A small case that shows what an answer about a bind() says, on a stage of its own.
#pragma once

#include <optional>
#include <string>

#include "bind/bind_answer.hh"

namespace tcpwitness {

// The text of a case file; of the sockets on the port it makes one again, the one that matters most. Nothing where a
// stage cannot show it: an interface's address, a tentative address, port 0.
std::optional<std::string> bind_case(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                                     const std::string& kernel);

}  // namespace tcpwitness
