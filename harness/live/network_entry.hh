// The network namespace that is asked about.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace tcpwitness {

// Moves this process, which must have one thread, to the network namespace of a process or behind a file
// (/run/netns/NAME). A process of a user namespace of the caller's own is followed into that one too: that takes no
// privilege. Nothing is done where it is there already. Throws SystemError, which says what it takes.
void enter_network_of_process(pid_t process);
void enter_network_of_file(const std::string& path);

}  // namespace tcpwitness
