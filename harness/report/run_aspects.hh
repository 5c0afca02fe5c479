// What two runs of one case are compared by, line by line. Times and numbers that kernels choose (ports, initial
// sequence numbers) are left out.
#pragma once

#include <string>
#include <vector>

#include "record/record.hh"

namespace tcpwitness {

struct RunAspect {
    std::string kind;  // "result", "states", "segment", "outcome"
    std::vector<std::string> lines;
};

// Most telling first; of a run that is a skip or an error only the outcome with its reason.
std::vector<RunAspect> aspects_of(const Record& record);

// "client c", "server :7000"; the host alone for a port that the kernel chose.
std::string socket_name(const Socket& socket);

}  // namespace tcpwitness
