// Where this program and the programs that belong to it are.
#pragma once

#include <string>

namespace tcpwitness {

// The absolute path of this executable.
std::string own_executable();

// The absolute path of tcp_actor: beside this executable, or in ../libexec/tcpwitness when installed.
// Throws Error naming the places that were looked at.
std::string tcp_actor_executable();

}  // namespace tcpwitness
