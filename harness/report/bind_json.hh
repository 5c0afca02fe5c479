// The answer about a bind() for programs.
#pragma once

#include <string>

#include "bind/bind_answer.hh"

namespace tcpwitness {

// One JSON object, indented, ending in a newline. Unobserved options are null, durations are in seconds.
std::string bind_json(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                      const BindSight& sight);

}  // namespace tcpwitness
