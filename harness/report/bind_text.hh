// The answer about a bind() as people read it: would it work, what stands in its way, what would have helped, and what
// the answer rests on.
#pragma once

#include <string>

#include "bind/bind_answer.hh"
#include "report/line.hh"

namespace tcpwitness {

std::string bind_text(const WantedBind& wanted, const BindMachine& machine, const BindAnswer& answer,
                      const BindSight& sight, const Style& style);

}  // namespace tcpwitness
